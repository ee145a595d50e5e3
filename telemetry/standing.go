package telemetry

import (
	"context"
	"hash/fnv"
	"slices"

	"htgateway/gateway/incident"
)

// standing makes points of a stream of updates so that each fact has one live point.
//
// A milestone or interval is filed under tags that may change after it was written:
// an incident's place is corrected and with it the district, an agency gets another
// name. What is corrected later must be superseded under the tags that the store has
// it under, and these no update tells. So it is known here of each incident which
// points are live, as they were written or as the store has them, and what an update
// changes is written as the difference.
//
// The updates of one journal entry are taken together: one report may move a key from
// one assignment of a unit to another, or the runs of a clock by one number, so that a
// value is added under a new owner before it is taken from the old one.
type standing struct {
	area string
	// read reads an incident's live points, and its superseded milestones, from the store, of
	// any area.
	read func(ctx context.Context, incident string) ([]Point, error)
	// anew is true when everything in the store is written from the first update on: what
	// it has of an incident that was not met before, another generation of settings wrote.
	anew bool
	// empty is true when it is known to have nothing at all.
	empty bool

	incidents map[string]*incidentPoints
	lately    []string            // their ids, the one met last at the end
	released  map[uint64]struct{} // hashes of the ids of those that were let go, when anew
	touched   []*incidentPoints

	reports reportPoints
}

// mostIncidents is of how many incidents the live points are kept in memory. Others
// are read from the store when they are met again.
const mostIncidents = 200

// mostReleased bounds what is remembered of a store that is written anew.
const mostReleased = 1_000_000

// points returns the points of whole journal entries. It fails when the store cannot
// be read, and must then be thrown away.
func (s *standing) points(ctx context.Context, updates []incident.Update) ([]sourced, error) {
	var out []sourced
	s.reports.begin()
	for len(updates) > 0 {
		n := sameEntry(updates)
		points, err := s.ofEntry(ctx, updates[:n])
		if err != nil {
			return nil, err
		}
		out = append(out, points...)
		if out, err = s.reports.supersedeEarlier(ctx, updates[:n], s.area, out); err != nil {
			return nil, err
		}
		updates = updates[n:]
	}
	return out, nil
}

// sourced is a point and the update that it came from.
type sourced struct {
	Point
	seq uint64
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

// wholeEntries is how many updates from the first on are of entries that are there to
// their last update. The newest update of the log is an entry's last.
func wholeEntries(updates []incident.Update, newest uint64) int {
	n := len(updates)
	if n == 0 || updates[n-1].Seq >= newest {
		return n
	}
	last := updates[n-1].JournalSeq
	for n > 0 && updates[n-1].JournalSeq == last {
		n--
	}
	return n
}

func (s *standing) ofEntry(ctx context.Context, updates []incident.Update) ([]sourced, error) {
	var out []sourced
	for i := range updates {
		u := &updates[i]
		if u.Kind == incident.UpdateFix || u.Kind == incident.UpdateStatus || u.Incident == "" {
			for _, p := range Points(*u) {
				out = append(out, sourced{withTag(p, areaTag, s.area), u.Seq})
			}
			continue
		}
		of, err := s.of(ctx, u.Incident)
		if err != nil {
			return nil, err
		}
		of.take(u)
		if !slices.Contains(s.touched, of) {
			s.touched = append(s.touched, of)
		}
	}
	for _, of := range s.touched {
		out = append(out, of.settle(s.area)...)
	}
	s.touched = s.touched[:0]
	return out, nil
}

// of returns the live points of an incident.
func (s *standing) of(ctx context.Context, id string) (*incidentPoints, error) {
	if of := s.incidents[id]; of != nil {
		if n := len(s.lately); s.lately[n-1] != id {
			at := slices.Index(s.lately, id)
			s.lately = append(slices.Delete(s.lately, at, at+1), id)
		}
		return of, nil
	}
	of := &incidentPoints{id: id, facts: map[string]*fact{}, old: map[string]Point{}}
	own := !s.anew
	if _, released := s.released[hashOf(id)]; released {
		own = true
	}
	if own || !s.empty {
		points, err := s.read(ctx, TagValue(id))
		if err != nil {
			return nil, err
		}
		of.recall(points, s.area, own)
	}
	s.incidents[id], s.lately = of, append(s.lately, id)
	return of, nil
}

// letGo keeps no more than [mostIncidents]. Their points must be in the store.
func (s *standing) letGo() {
	n := max(0, len(s.lately)-mostIncidents)
	for _, id := range s.lately[:n] {
		delete(s.incidents, id)
		if s.anew {
			s.released[hashOf(id)] = struct{}{}
		}
	}
	s.lately = slices.Delete(s.lately, 0, n)
	if len(s.released) > mostReleased {
		s.anew, s.released = false, nil
	}
}

func hashOf(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	return h.Sum64()
}
