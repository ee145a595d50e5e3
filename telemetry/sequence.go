package telemetry

import (
	"slices"

	"htgateway/gateway/incident"
)

// sourced is a point and the update that it came from.
type sourced struct {
	Point
	seq uint64
}

// sequence makes points of a stream of updates.
//
// The updates of one journal entry give each interval of an incident its old and
// new value, paired by number. When a report that came late puts one more run
// between two others, the third run's new value may be what the second one's old
// value was. Taken one by one, the old one could then be marked superseded after
// it was written as live. So within one entry every superseded interval comes
// before every live one, and one that is also live is left out. A batch may end
// in the middle of an entry, so what was live in it is remembered.
type sequence struct {
	// stored is the cursor. What stands before it is taken again only to know
	// the entry that the cursor may stand in the middle of.
	stored uint64
	// partial is the entry of which the start was not seen, 0 for none.
	partial uint64
	begun   bool

	entry uint64 // the journal entry being taken
	live  map[string]bool
}

// lookBack is how many updates before the cursor are taken again at a start: more
// than one journal entry ever gives.
const lookBack = 4096

// begin returns the order for a stream that goes on after the returned number.
func begin(cursor uint64) (*sequence, uint64) {
	after := cursor - min(cursor, lookBack)
	return &sequence{stored: cursor, begun: after == 0}, after
}

// points returns the points of the next updates.
func (s *sequence) points(updates []incident.Update) []sourced {
	if !s.begun && len(updates) > 0 {
		s.begun, s.partial = true, updates[0].JournalSeq
	}
	var out []sourced
	for len(updates) > 0 {
		n := sameEntry(updates)
		out = append(out, s.ofEntry(updates[:n])...)
		updates = updates[n:]
	}
	return out
}

// sameEntry is how many updates from the first on are of one journal entry.
func sameEntry(updates []incident.Update) int {
	for i := range updates {
		if updates[i].JournalSeq != updates[0].JournalSeq {
			return i
		}
	}
	return len(updates)
}

func (s *sequence) ofEntry(updates []incident.Update) []sourced {
	if updates[0].JournalSeq != s.entry || s.live == nil {
		s.entry, s.live = updates[0].JournalSeq, map[string]bool{}
	}
	var points []sourced
	for _, u := range updates {
		if s.entry == s.partial && u.Seq <= s.stored {
			continue
		}
		for _, p := range Points(u) {
			points = append(points, sourced{p, u.Seq})
			if p.Measurement == ResponseInterval && !p.Superseded() {
				s.live[p.Identity()] = true
			}
		}
	}
	return slices.DeleteFunc(points, func(p sourced) bool {
		return p.Measurement == ResponseInterval && p.Superseded() && s.live[p.Identity()]
	})
}
