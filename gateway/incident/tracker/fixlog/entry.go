package fixlog

import (
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// Key is a place in an order: a time, and an id to break ties.
type Key struct {
	At time.Time
	ID string
}

// Compare orders keys by time, those of one time by id.
func (k Key) Compare(o Key) int {
	if c := k.At.Compare(o.At); c != 0 {
		return c
	}
	return strings.Compare(k.ID, o.ID)
}

// Next is the place right after k.
func (k Key) Next() Key { return Key{k.At, k.ID + "\x00"} }

// Origin is how reports come: from which device, over which link, by whose clock. Reports that
// come alike share one value.
type Origin struct {
	Device    devices.Identity
	Assurance devices.Assurance
	Protocol  devices.Protocol
	Link      string
	Clock     string // whose time it is
	// Away is set when the gateway of an edge site received the report: when it was known says
	// nothing of when it was sent.
	Away bool
}

// Entry is one fix of a unit with what the tracker knows of it.
type Entry struct {
	// Known is its place in the order in which the gateway learned of it, Own the one by
	// its own time.
	Known Key
	Own   Key
	// Origin is how the report came.
	Origin *Origin
	Fix    *geo.Fix
	// Why the fix was left out of the judgement, as far as is known: the one thing about a fix
	// that changes later.
	Why geo.Exclusion
	// Aside is set when the fix is not judged at all: Why says for what.
	Aside bool
	// Doubted is set when the device's time was not believed; Why says for what.
	Doubted bool
	// On is set when the radio says that it was just switched on.
	On bool
	// Incident is the one that the fix was found to belong to.
	Incident string
}

// byOwn orders entries by their own time.
func byOwn(e *Entry, k Key) int { return e.Own.Compare(k) }
