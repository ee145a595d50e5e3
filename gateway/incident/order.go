package incident

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
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

// updateID is a hash of what the update is about, its kind and its evidence: the
// same in every order in which the events may come.
func updateID(kind UpdateKind, parts ...string) string {
	h := sha256.New()
	h.Write([]byte(kind))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	sum := h.Sum(nil)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:15]))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
