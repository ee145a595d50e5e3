package tracker

import (
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/gateway/journal"
)

// orderKey is where an event stands among others.
type orderKey = fixlog.Key

// knownKey is a place in the order in which the gateway learned of things.
type knownKey = fixlog.Known

func keyAt(at time.Time, id string) orderKey { return orderKey{At: at, ID: id} }

// updateID is a hash of what the update is about, its kind and its evidence: the
// same in every order in which the events may come.
func updateID(kind incident.UpdateKind, parts ...string) string {
	return journal.Digest(append(parts, string(kind))...)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
