package fixlog

import (
	"cmp"
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

// Known is a place in the order of knowledge: that of the journal. What the gateway's clock
// said then does not decide, since it may have been set.
type Known struct {
	// Seq is the number of the journal's entry.
	Seq uint64
	Key
}

// Compare orders by number, those of one number by time and id.
func (k Known) Compare(o Known) int {
	if k.Seq != o.Seq {
		return cmp.Compare(k.Seq, o.Seq)
	}
	return k.Key.Compare(o.Key)
}

// Origin is how reports come: from which device, over which link, by whose clock. Reports that
// come alike share one value.
type Origin struct {
	Device    devices.Identity
	Assurance devices.Assurance
	Protocol  devices.Protocol
	Link      string
	Clock     string // whose time it is
	// Shift is what the own time was corrected by, as that clock is known to be wrong.
	Shift time.Duration
	// Unsure is set of a device's time that may be wrong: so little was known of its clock.
	Unsure bool
	// Away is set when the gateway of an edge site received the report: when it was known says
	// nothing of when it was sent.
	Away bool
}

// Entry is one fix of a unit with what the tracker knows of it.
type Entry struct {
	// Known is its place in the order in which the gateway learned of it, Own the one by
	// its own time.
	Known Known
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
