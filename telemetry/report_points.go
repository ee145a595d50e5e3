package telemetry

import (
	"context"
	"maps"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// reportPoints make that what one report says, a key or a fix, is one live point.
//
// A report may be given out again: its device is bound to another unit for a time that is past,
// its unit or agency has another name by then, its clock is known better. Then the point that
// was written of it before is superseded, under the tags and time that the store has it under.
type reportPoints struct {
	// read reads points from the store.
	read func(ctx context.Context, queries ...Query) ([]Point, error)
	// unwritten are points of the batch that is being made, by report and identity: the first
	// included of the batch's points.
	unwritten map[reportKey]map[string]Point
	included  int
}

// reportKey names what one report says, with its time.
type reportKey struct {
	series, report string
	at             int64 // nanoseconds
}

// begin begins a batch.
func (r *reportPoints) begin() { r.unwritten, r.included = nil, 0 }

// supersedeEarlier adds to a batch's points, which end with those of an entry's updates, the
// earlier points of the reports that these updates give out again.
func (r *reportPoints) supersedeEarlier(ctx context.Context, updates []incident.Update, area string, out []sourced) ([]sourced, error) {
	var again []*incident.Update
	asked := map[string]*Query{}
	for i := range updates {
		u := &updates[i]
		if u.BeforeAt.IsZero() {
			continue
		}
		again = append(again, u)
		p := earlierPoint(u, area)
		series, end := withoutOwner(p).Series(), p.Time.Add(time.Nanosecond)
		q := asked[series]
		if q == nil {
			q = &Query{Measurement: p.Measurement, From: p.Time, To: end, Tags: stableTags(p)}
			asked[series] = q
		}
		if p.Time.Before(q.From) {
			q.From = p.Time
		}
		if end.After(q.To) {
			q.To = end
		}
	}
	if len(again) == 0 {
		return out, nil
	}
	r.include(out)
	stored := map[reportKey]map[string]Point{}
	for _, series := range slices.Sorted(maps.Keys(asked)) {
		points, err := r.read(ctx, *asked[series])
		if err != nil {
			return nil, err
		}
		for _, p := range points {
			put(stored, p)
		}
	}
	for _, u := range again {
		now := map[string]bool{}
		for _, p := range Points(*u) {
			now[withTag(p, areaTag, area).Identity()] = true
		}
		key := keyOf(earlierPoint(u, area))
		earlier := maps.Clone(stored[key])
		if earlier == nil {
			earlier = map[string]Point{}
		}
		maps.Copy(earlier, r.unwritten[key])
		for _, id := range slices.Sorted(maps.Keys(earlier)) {
			if p := earlier[id]; !now[id] && !p.Superseded() {
				out = append(out, sourced{supersede(p), u.Seq})
			}
		}
		r.include(out)
	}
	return out, nil
}

// include notes the points that were added to the batch.
func (r *reportPoints) include(out []sourced) {
	if r.unwritten == nil {
		r.unwritten = map[reportKey]map[string]Point{}
	}
	for _, p := range out[r.included:] {
		if p.Measurement == UnitFix || p.Measurement == UnitStatus {
			put(r.unwritten, p.Point)
		}
	}
	r.included = len(out)
}

func put(to map[reportKey]map[string]Point, p Point) {
	key := keyOf(p)
	if to[key] == nil {
		to[key] = map[string]Point{}
	}
	to[key][p.Identity()] = p
}

// earlierPoint is the point that an update's report had before, but for whose it was.
func earlierPoint(u *incident.Update, area string) Point {
	as := *u
	as.At = u.BeforeAt
	if u.Kind == incident.UpdateStatus || u.Kind == incident.UpdateWithdrawn && u.Status != "" {
		return withTag(statusPoint(as), areaTag, area)
	}
	return withTag(fixPoint(as, geo.Fix{}), areaTag, area)
}

func keyOf(p Point) reportKey {
	report, _ := p.Field("report").(string)
	return reportKey{withoutOwner(p).Series(), report, p.Time.UnixNano()}
}

// withoutOwner is the point without the tags that say whose report it is.
func withoutOwner(p Point) Point {
	return withTag(withTag(p, "unit", ""), "agency", "")
}

// stableTags are the tags that the points of a report have, whosever it is.
func stableTags(p Point) map[string]string {
	keys := []string{"link", "protocol", "device"}
	if p.Measurement == UnitStatus {
		keys[2] = "status"
	}
	out := map[string]string{}
	for _, key := range append(keys, areaTag) {
		out[key] = p.Tag(key)
	}
	return out
}
