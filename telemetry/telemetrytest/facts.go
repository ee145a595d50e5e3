package telemetrytest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry"
)

// Facts tests that a store which a follower writes has one live value of each fact, the
// tracker's, whatever happens to the incidents and wherever the follower is cut off. open
// returns an empty store.
func Facts(t *testing.T, courses uint64, open func(t *testing.T) telemetry.Store) {
	t.Helper()
	for _, each := range []bool{true, false} {
		t.Run(fmt.Sprint("there and back, each step by itself: ", each), func(t *testing.T) { thereAndBack(t, open(t), each) })
	}
	for seed := range courses {
		t.Run(fmt.Sprint("course ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 20))
			events := course(r)
			store := open(t)
			log, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := errors.Join(log.Close(), store.Close()); err != nil {
					t.Error(err)
				}
			}()
			tr := tracker.New(factSettings())
			for i, e := range events {
				e.Seq = uint64(i + 1)
				if err := log.Append(t.Context(), slices.Clone(tr.Apply(e))); err != nil {
					t.Fatal(err)
				}
				if seed%2 == 0 && r.IntN(5) == 0 {
					followTo(t, log, store, r.IntN(6))
				}
			}
			followTo(t, log, store, -1)
			agree(t, tr, store)
			agreeOnReports(t, log, events, store)
			before := everything(t, store)
			// All of it again, over what is there, as after a state.db that was lost.
			if err := log.SetCursor(t.Context(), "series", 0); err != nil {
				t.Fatal(err)
			}
			followTo(t, log, store, -1)
			agree(t, tr, store)
			agreeOnReports(t, log, events, store)
			if seed%2 == 1 { // it was not cut off: the superseded points are the same too
				Same(t, everything(t, store), before)
			}
			// And after other settings.
			if err := log.Reset(t.Context(), "others"); err != nil {
				t.Fatal(err)
			}
			tr = tracker.New(factSettings())
			for i, e := range withoutEnrolments(events) { // another agency's name and other phones than were written before
				e.Seq = uint64(i + 1)
				if err := log.Append(t.Context(), slices.Clone(tr.Apply(e))); err != nil {
					t.Fatal(err)
				}
			}
			followTo(t, log, store, -1)
			agree(t, tr, store)
			agreeOnReports(t, log, withoutEnrolments(events), store)
		})
	}
}

func everything(t *testing.T, s telemetry.Store) []telemetry.Point {
	t.Helper()
	var out []telemetry.Point
	for _, m := range telemetry.Measurements() {
		out = append(out, Read(t, s, telemetry.Query{Measurement: m, Superseded: true})...)
	}
	return out
}

func factSettings() incident.Settings {
	return incident.Settings{Roster: factUnits("Damkar", 0), Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()}
}

// phones are the two that the roster has, in turns, and one that is nobody's at first.
var phones = []devices.Identity{"owntracks:a/phone", "owntracks:b/phone", "owntracks:c/phone"}

func factUnits(agency string, first int) []incident.Unit {
	return []incident.Unit{
		{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: agency, Devices: phones[first : first+1]},
		{ID: "damkar-2", CallSign: "DAMKAR 2", Agency: agency, Devices: phones[1-first : 2-first]},
	}
}

// course makes up what happens in two incidents.
func course(r *rand.Rand) []incident.Event {
	at := func(s int) time.Time { return Start.Truncate(time.Second).Add(time.Duration(s) * time.Second) }
	place := func(metres float64) *incident.Location {
		return &incident.Location{Lat: -6.8364 + metres/111195, Lon: 108.2279}
	}
	districts := []string{"Majalengka", "Kadipaten", "Jatiwangi", ""}
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var out []incident.Event
	act := func(s int, a incident.Act) {
		a.At, a.By, a.ID = at(s), "siti", fmt.Sprint(a.Kind, a.Incident, s, len(out))
		out = append(out, incident.Event{ID: a.ID, Act: &a})
	}
	for i, id := range []string{"i1", "i2"} {
		act(i, incident.Act{Kind: incident.ActOpen, Incident: id, Opening: &incident.Opening{Number: id, Category: "fire", ReceivedAt: at(i), District: districts[0], Location: place(0)}})
		act(20+i, incident.Act{Kind: incident.ActDispatch, Incident: id, Units: []string{fmt.Sprint("damkar-", i+1)}})
	}
	s := 30
	for range 10 + r.IntN(25) {
		s += 1 + r.IntN(60)
		id, unit := pick("i1", "i2"), pick("damkar-1", "damkar-2")
		switch r.IntN(17) {
		case 0, 1:
			act(s, incident.Act{Kind: incident.ActRelocate, Incident: id, District: districts[r.IntN(len(districts))], Location: place(float64(r.IntN(50))), Reason: "CAD"})
		case 2, 3:
			a := incident.Act{Kind: incident.ActCorrect, Incident: id, Units: []string{unit}, Milestone: incident.OnScene, MilestoneAt: at(25 + r.IntN(s)), Reason: "log book"}
			if r.IntN(3) == 0 {
				a.Units, a.Milestone, a.MilestoneAt = nil, incident.Received, at(-r.IntN(60))
			}
			act(s, a)
		case 4:
			act(s, incident.Act{Kind: incident.ActMerge, Incident: id, Into: pick("i1", "i2"), Reason: "one fire"})
		case 5:
			act(s, incident.Act{Kind: incident.ActReopen, Incident: id})
		case 6:
			act(s, incident.Act{Kind: incident.ActKind(pick("close", "cancel", "review")), Incident: id, Reason: "done"})
		case 7:
			act(s, incident.Act{Kind: incident.ActDispatch, Incident: id, Units: []string{unit}})
		case 8:
			e := incident.Enrolment{ID: fmt.Sprint("roster", s), Kind: incident.EnrolRoster, By: "siti", At: at(s), Units: factUnits(pick("Damkar", "Pemadam"), r.IntN(2))}
			out = append(out, incident.Event{ID: e.ID, Enrolment: &e})
		case 14, 15, 16: // a phone changes hands, and it was so before, or will have been
			e := incident.Enrolment{ID: fmt.Sprint("phone", s, len(out)), Kind: incident.EnrolBind, By: "siti", At: at(max(0, s-r.IntN(600))), Unit: unit, Device: phones[r.IntN(3)]}
			if r.IntN(2) == 0 {
				e.Kind = incident.EnrolRelease
			}
			out = append(out, incident.Event{ID: e.ID, Enrolment: &e})
		case 9, 10, 11:
			status := []devices.Status{devices.StatusAcknowledged, devices.StatusEnRoute, devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted}[r.IntN(5)]
			out = append(out, incident.Event{Report: &devices.Report{ID: fmt.Sprint("key", s, len(out)), Device: phones[r.IntN(3)], Kind: devices.KindStatus, Status: status, DeviceTime: at(s), ReceivedAt: at(s + 300*r.IntN(2)), Protocol: devices.OwnTracks, Link: "mqtt"}})
		default:
			for n := range 3 { // a stay
				out = append(out, incident.Event{Report: &devices.Report{ID: fmt.Sprint("fix", s, n, len(out)), Device: phones[r.IntN(3)], Kind: devices.KindPosition, DeviceTime: at(s + 20*n), ReceivedAt: at(s + 20*n + 400), Protocol: devices.OwnTracks, Link: "mqtt",
					Fix: &geo.Fix{Point: orb.Point{108.2279, -6.8364}, Time: at(s + 20*n), SpeedMPS: geo.Measured(0)}}})
			}
		}
	}
	// Some become known late.
	for range r.IntN(6) {
		i := 4 + r.IntN(len(out)-4)
		e := out[i]
		out = append(slices.Delete(out, i, i+1), e)
	}
	return out
}

// cutOff is a store that fails at a write, after it has stored a part of it; each try of
// a process that was killed.
type cutOff struct {
	telemetry.Store
	after int // writes that it takes before, negative for all
	kill  context.CancelFunc
}

func (s *cutOff) Write(ctx context.Context, points []telemetry.Point) error {
	if s.after == 0 {
		err := s.Store.Write(ctx, points[:len(points)/2])
		s.kill()
		return errors.Join(err, telemetry.ErrUnavailable)
	}
	s.after--
	return s.Store.Write(ctx, points)
}

// few is a log that hands over few updates at once, and tells when the cursor is at the end.
type few struct {
	*updatelog.Log
	done context.CancelFunc
}

func (l few) Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error {
	return l.Log.Follow(ctx, after, func(us []incident.Update) error {
		for len(us) > 0 {
			n := min(7, len(us))
			if err := take(us[:n]); err != nil {
				return err
			}
			us = us[n:]
		}
		return nil
	})
}

func (l few) SetCursor(ctx context.Context, sink string, seq uint64) error {
	err := l.Log.SetCursor(context.WithoutCancel(ctx), sink, seq)
	if seq == l.Last() {
		l.done()
	}
	return err
}

// followTo runs a follower until everything is in the store, or until it is cut off.
func followTo(t *testing.T, log *updatelog.Log, store telemetry.Store, cutAfter int) {
	t.Helper()
	if at, err := log.Cursor(t.Context(), "series"); err != nil || at == log.Last() && at > 0 {
		return
	}
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	err := telemetry.NewFollower(telemetry.FollowerOptions{
		Sink: "series", Area: "majalengka", Updates: few{log, end}, Store: &cutOff{store, cutAfter, end}, ResetAtStart: true,
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		SetAside: func(_ context.Context, r telemetry.Refused) error { t.Errorf("refused: %+v", r); return nil },
	}).Run(ctx)
	if err != nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatalf("the follower ended with %v, %v", err, ctx.Err())
	}
}

// agree compares the live points with the tracker's view.
func agree(t *testing.T, tr *tracker.Tracker, store telemetry.Store) {
	t.Helper()
	for _, in := range tr.Incidents() {
		var want, got []string
		calls := 0
		for _, m := range in.Milestones {
			if m.Name != incident.Received && !m.Uncounted { // the call is the first of the merged ones
				want = append(want, fmt.Sprint(m.Name, " ", m.Unit, " ", m.At.Sub(Start), " ", m.Evidence, " in ", in.District))
			}
		}
		for _, p := range Read(t, store, telemetry.Query{Measurement: telemetry.IncidentMilestone, Tags: map[string]string{"incident": in.ID}}) {
			if name := incident.MilestoneName(p.Tag("milestone")); slices.Contains([]incident.MilestoneName{
				incident.Dispatched, incident.Acknowledged, incident.EnRoute, incident.OnScene, incident.InProgress, incident.Completed, incident.Closed,
			}, name) {
				got = append(got, fmt.Sprint(name, " ", p.Tag("unit"), " ", p.Time.Sub(Start), " ", p.Tag("evidence"), " in ", p.Tag("district")))
			}
			if p.Tag("milestone") == string(incident.Received) {
				calls++
			}
			if p.Tag("area") != "majalengka" {
				t.Errorf("a live point of area %q", p.Tag("area"))
			}
		}
		if in.Status != "merged" { // what was written of a duplicate before it was one stays
			compare(t, "milestones of "+in.ID, got, want)
		}
		if one := in.Status != "merged" && in.Status != "cancelled"; one && calls != 1 || calls > 1 {
			t.Errorf("%d live calls of %s, which is %s", calls, in.ID, in.Status)
		}
		want, got = nil, nil
		if c, is := tr.Course(in.ID); is {
			for _, iv := range factSettings().Plan.Intervals(c) {
				want = append(want, fmt.Sprint(iv.Name, " ", iv.Unit, " ", iv.To.Sub(Start), " in ", in.District))
			}
		}
		for _, p := range Read(t, store, telemetry.Query{Measurement: telemetry.ResponseInterval, Tags: map[string]string{"incident": in.ID}}) {
			got = append(got, fmt.Sprint(p.Tag("interval"), " ", p.Tag("unit"), " ", p.Time.Sub(Start), " in ", p.Tag("district")))
		}
		slices.Sort(want)
		compare(t, "intervals of "+in.ID, got, slices.Compact(want))
	}
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("live %s\n%q\nwant\n%q", what, got, want)
	}
}
