package incident

import (
	"slices"
	"time"
)

// path is the incident that units are sent to, followed by those that it had been
// merged into by then. A circle of mergers ends where it would close.
func (t *Tracker) path(id string, at mark) []string {
	out := []string{id}
	for {
		f := t.files[out[len(out)-1]]
		if f == nil {
			return out
		}
		into := f.mergedIntoBy(at)
		if into == "" || slices.Contains(out, into) {
			return out
		}
		out = append(out, into)
	}
}

// mergedIntoBy is the incident that this one was a duplicate of at a moment.
func (f *file) mergedIntoBy(at mark) string {
	into := ""
	for _, a := range f.acts {
		if at.compare(mark{a.At, a.ID}) < 0 {
			break
		}
		switch {
		case a.Kind == ActMerge && a.Into != f.id:
			into = a.Into
		case a.Kind == ActReopen:
			into = ""
		}
	}
	return into
}

// placesOf are where the incidents of a part were known to be at a time.
func (t *Tracker) placesOf(path []string, at time.Time) []*Location {
	var out []*Location
	for _, id := range path {
		if f := t.files[id]; f != nil {
			if place := f.placeAt(at); place != nil && !slices.Contains(out, place) {
				out = append(out, place)
			}
		}
	}
	return out
}

// duplicates are the incidents that are merged into this one now.
func (t *Tracker) duplicates(f *file) []string {
	var out []string
	for _, id := range f.absorbed {
		if d := t.files[id]; d != nil && d.mergedBy != nil && d.mergedBy.Into == f.id {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// unitsOf are the units that were sent to an incident or one of its duplicates.
func (t *Tracker) unitsOf(f *file) []string {
	units, seen := slices.Clone(f.units), []string{f.id}
	for queue := slices.Clone(f.absorbed); len(queue) > 0; queue = queue[1:] {
		d := t.files[queue[0]]
		if d == nil || slices.Contains(seen, d.id) {
			continue
		}
		seen, queue = append(seen, d.id), append(queue, d.absorbed...)
		for _, u := range d.units {
			if !slices.Contains(units, u) {
				units = append(units, u)
			}
		}
	}
	return units
}
