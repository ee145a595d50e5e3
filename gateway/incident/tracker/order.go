package tracker

import (
	"strings"
	"time"

	"htgateway/gateway/incident"

	"htgateway/gateway/journal"
)

// mark is a place in an order: a time, and an id to break ties.
type mark struct {
	at time.Time
	id string
}

func (m mark) compare(o mark) int {
	if c := m.at.Compare(o.at); c != 0 {
		return c
	}
	return strings.Compare(m.id, o.id)
}

// next is the place right after m.
func (m mark) next() mark { return mark{m.at, m.id + "\x00"} }

// updateID is a hash of what the update is about, its kind and its evidence: the
// same in every order in which the events may come.
func updateID(kind incident.UpdateKind, parts ...string) string {
	return journal.Digest(append(parts, string(kind))...)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
