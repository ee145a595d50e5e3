package record

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// Sources are what a sheet is made of.
type Sources struct {
	Incident incident.Incident
	Course   sop.Course
	Plan     sop.Plan
	Roster   []incident.Unit
	// Updates are all about the incident, in the tracker's order.
	Updates []incident.Update
	// Frame returns one report as the journal has it; false when the id is that of
	// an act, or of a report that is no longer kept.
	Frame func(ctx context.Context, id string) (Frame, bool, error)
	// Landmarks are the county's villages; the sketch shows those in its frame.
	Landmarks []Landmark
}

// Options of a sheet.
type Options struct {
	Office     Office
	Zone       *time.Location
	Now        time.Time
	WithCaller bool
}

// Gather makes the sheet of an incident.
func Gather(ctx context.Context, src Sources, o Options) (*Sheet, error) {
	s := &Sheet{
		Office: o.Office, MadeAt: o.Now.UTC(), Zone: o.Zone, Incident: src.Incident,
		Category: category(src.Plan, src.Incident.Category), Reading: src.Plan.At(src.Course.ReceivedAt).WholeFlowReading, landmarks: src.Landmarks,
	}
	if !o.WithCaller && s.Incident.Caller != "" {
		s.Incident.Caller, s.CallerWithheld = "", true
	}
	g := gathering{src: src, zone: o.Zone, calls: map[string]string{}, by: map[string]string{}, keys: map[string]incident.Update{}, ended: map[string]bool{}}
	for _, u := range src.Roster {
		g.calls[u.ID] = u.CallSign
	}
	for _, u := range src.Updates {
		if u.By != "" {
			g.by[u.Report] = u.By
		}
		if u.Kind == incident.UpdateStatus {
			g.keys[u.Report] = u
		}
		if d := u.Delivery; d != nil && d.Final() {
			g.ended[d.Message+" "+u.Unit] = true
		}
	}
	s.Tracks = g.tracks()
	s.Units, s.Arrivals = g.units(), g.arrivals()
	s.Clocks = g.clocks(s.MadeAt)
	s.Corrections = g.corrections()
	s.Timeline = g.timeline(s.Tracks)
	var err error
	if s.Frames, err = g.frames(ctx); err != nil {
		return nil, fmt.Errorf("cannot read the frames behind incident %s: %w", src.Incident.Number, err)
	}
	return s, nil
}

// gathering is the sources with what is looked up often.
type gathering struct {
	src   Sources
	zone  *time.Location
	calls map[string]string          // unit → call sign
	by    map[string]string          // act → who did it
	keys  map[string]incident.Update // report → the key that it was
	ended map[string]bool            // messages of which more is known than that they were sent
}

func category(p sop.Plan, key string) sop.Category {
	for _, c := range p.Categories {
		if c.Key == key {
			return c
		}
	}
	return sop.Category{Key: key, Indonesian: key, English: key}
}

func (g *gathering) callSign(unit string) string {
	if c := g.calls[unit]; c != "" {
		return c
	}
	return unit
}

func (g *gathering) units() []UnitPart {
	roster := map[string]incident.Unit{}
	for _, u := range g.src.Roster {
		roster[u.ID] = u
	}
	out := []UnitPart{}
	for _, c := range g.src.Course.Units {
		u, listed := roster[c.Unit]
		if !listed {
			u = incident.Unit{ID: c.Unit, CallSign: c.Unit}
		}
		out = append(out, UnitPart{
			Unit: u, Dispatched: c.Dispatched, Acknowledged: c.Acknowledged, EnRoute: c.EnRoute,
			OnScene: c.OnScene, Completed: c.Completed, Ended: c.Ended, Updates: len(c.Progress),
		})
	}
	return out
}

// arrivals sets key and geofence of each arrival side by side.
func (g *gathering) arrivals() []Arrival {
	out := []Arrival{}
	for _, m := range g.src.Incident.Milestones {
		if m.Name != incident.OnScene {
			continue
		}
		a := Arrival{
			Unit: m.Unit, CallSign: g.callSign(m.Unit), At: m.At, By: m.Evidence,
			Verdict: m.Verdict, Confidence: m.Confidence, Clock: m.Clock,
		}
		for _, w := range []*incident.Witness{{At: m.At, Evidence: m.Evidence, Report: m.Report}, m.Other} {
			switch {
			case w == nil:
			case w.Evidence == incident.ByKey && a.Key == nil: // of two keys the one that sets the time
				a.Key = w
			case w.Evidence == incident.ByGeofence:
				a.Geofence = w
			}
		}
		if a.Key != nil && a.Geofence != nil {
			d := a.Geofence.At.Sub(a.Key.At).Seconds()
			a.DifferenceS = &d
		}
		out = append(out, a)
	}
	return out
}

func (g *gathering) clocks(now time.Time) []Clock {
	out := []Clock{}
	for _, r := range g.src.Plan.Runs(g.src.Course) {
		c := Clock{
			Name: r.Name, Unit: r.Unit, CallSign: g.calls[r.Unit], Occurrence: r.Occurrence, StartedAt: r.StartedAt,
			DueAt: r.DueAt, StoppedAt: r.StoppedAt, Ended: r.Ended, LimitS: r.Limit.Seconds(), State: sop.Running,
		}
		end := r.StoppedAt
		if end.IsZero() {
			end = now
		}
		c.UsedS = end.Sub(r.StartedAt).Seconds()
		switch {
		case c.UsedS < 0 && !r.StoppedAt.IsZero():
			c.State = sop.Contradictory
		case c.LeftS() < 0:
			c.State = sop.Breached
		case !r.StoppedAt.IsZero():
			c.State = sop.Met
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Clock) int { return a.StartedAt.Compare(b.StartedAt) })
	return out
}

func (g *gathering) corrections() []Correction {
	out := []Correction{}
	for _, u := range g.src.Updates {
		if u.Kind != incident.UpdateCorrected || u.Before == nil {
			continue
		}
		b := u.Before
		c := Correction{
			Milestone: b.Name, Unit: b.Unit, CallSign: g.calls[b.Unit], CorrectedAt: u.KnownAt,
			Before: b.At, BeforeBy: b.Evidence, BeforeReport: b.Report,
		}
		if m := u.Milestone; m != nil {
			c.After, c.AfterBy, c.AfterReport, c.By = m.At, m.Evidence, m.Report, g.by[m.Report]
			if n := len(m.Was); n > 0 {
				c.Reason, c.By = m.Was[n-1].Reason, cmp.Or(m.Was[n-1].By, c.By)
			}
		}
		out = append(out, c)
	}
	return out
}

func (g *gathering) tracks() []Track {
	out := []Track{}
	index := map[string]int{}
	for _, u := range g.src.Updates {
		if u.Kind != incident.UpdateFix || u.Fix == nil {
			continue
		}
		i, known := index[u.Unit]
		if !known {
			i = len(out)
			index[u.Unit] = i
			out = append(out, Track{Unit: u.Unit, CallSign: g.callSign(u.Unit)})
		}
		out[i].Points = append(out[i].Points, TrackPoint{At: u.At, Lat: u.Fix.Point.Lat(), Lon: u.Fix.Point.Lon(), Report: u.Report, device: u.Device})
	}
	for _, t := range out {
		slices.SortStableFunc(t.Points, func(a, b TrackPoint) int { return a.At.Compare(b.At) })
	}
	return out
}

// frames reads every report that a line, a milestone or an alert stands on, in the
// order in which they were received.
func (g *gathering) frames(ctx context.Context) ([]Frame, error) {
	var ids []string
	for _, m := range g.src.Incident.Milestones {
		ids = append(ids, m.Report)
		if m.Other != nil {
			ids = append(ids, m.Other.Report)
		}
		for _, w := range m.Was {
			ids = append(ids, w.Report)
		}
	}
	for _, u := range g.src.Updates {
		switch u.Kind {
		case incident.UpdateStatus, incident.UpdateMessage, incident.UpdateDelivery, incident.UpdateAlert:
			ids = append(ids, u.Report)
		}
	}
	out := []Frame{}
	seen := map[string]bool{"": true}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		f, found, err := g.src.Frame(ctx, id)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		f.RawHex, f.RawText = hex.EncodeToString(f.Raw), printable(f.Raw)
		if f.Heard == nil {
			f.Heard = []devices.Hearing{}
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b Frame) int { return a.ReceivedAt.Compare(b.ReceivedAt) })
	return out, nil
}

// printable is a frame's bytes as text, each byte that is none as a dot.
func printable(raw []byte) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, string(raw))
}
