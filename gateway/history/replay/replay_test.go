package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/history/replay"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/geo"
)

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // 10:00 WIB

const device = devices.Identity("fleetsync:102-1001")

func minute(m float64) time.Time { return start.Add(time.Duration(m * float64(time.Minute))) }

// past is a real journal whose clock is set by the test.
type past struct {
	t        *testing.T
	journal  *sqlite.Journal
	now      time.Time
	n        int
	settings incident.Settings
}

func newPast(t *testing.T) *past {
	t.Helper()
	p := &past{t: t, settings: incident.Settings{
		Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(),
		Roster: []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar", Devices: []devices.Identity{device}}},
	}}
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Now: func() time.Time { return p.now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	p.journal = j
	return p
}

// add journals something at a moment of the gateway's clock.
func (p *past) add(kind journal.Kind, m float64, body func(id string) any) {
	p.t.Helper()
	p.n++
	p.now = minute(m)
	id := fmt.Sprintf("e%d", p.n)
	r, err := journal.NewRecord(kind, id, p.now, body(id))
	if err == nil {
		_, err = p.journal.Append(p.t.Context(), r)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *past) act(m float64, a incident.Act) {
	p.add(journal.KindAct, m, func(id string) any {
		a.ID, a.At, a.By = id, minute(m), "siti"
		if a.Incident == "" {
			a.Incident = "i1"
		}
		return a
	})
}

// report journals at m what the device's own clock places at its time.
func (p *past) report(m, own float64, status devices.Status, lon float64) {
	p.add(journal.KindReport, m, func(id string) any {
		r := devices.Report{ID: id, Protocol: devices.Kenwood, Kind: devices.KindPosition, Device: device, ReceivedAt: minute(m), DeviceTime: minute(own), Link: "pos"}
		r.Fix = &geo.Fix{Point: orb.Point{lon, -6.836}, Time: minute(own)}
		if status != "" {
			r.Kind, r.Status = devices.KindStatus, status
		}
		return r
	})
}

// story: sent at 2, on scene by its key at 12, by GPS that came late at 30 already
// at 9; corrected by hand at 40; closed at 45.
func (p *past) story() {
	p.report(-5, -5, "", 108.300)
	p.act(0, incident.Act{Kind: incident.ActOpen, Opening: &incident.Opening{
		Number: "20261123-001", Category: "fire", ReceivedAt: start, Source: "dispatcher", Location: &incident.Location{Lat: -6.836, Lon: 108.227},
	}})
	p.act(2, incident.Act{Kind: incident.ActDispatch, Units: []string{"damkar-1"}})
	p.report(3, 3, devices.StatusEnRoute, 108.290)
	for m := 4.0; m < 9; m += 0.25 {
		p.report(m, m, "", 108.290-0.012*(m-4))
	}
	p.report(12, 12, devices.StatusOnScene, 108.227)
	for m := 9.0; m < 11; m += 0.25 { // what the radio kept while it was not heard
		p.report(30, m, "", 108.227)
	}
	p.act(40, incident.Act{Kind: incident.ActCorrect, Units: []string{"damkar-1"}, Milestone: incident.OnScene, MilestoneAt: minute(10), Reason: "lewat telepon"})
	p.report(42, 42, devices.StatusCompleted, 108.227)
	p.act(45, incident.Act{Kind: incident.ActClose})
}

func (p *past) run(from, to float64, change func(*replay.Ask)) []replay.Moment {
	p.t.Helper()
	var out []replay.Moment
	a := replay.Ask{From: minute(from), To: minute(to), Settings: p.settings}
	if in := (incident.Incident{ID: "i1", ReceivedAt: start, ClosedAt: minute(45), Status: "closed"}); replay.Concerns(in.Call(), a.From, a.To) {
		a.Known = append(a.Known, in)
	}
	if change != nil {
		change(&a)
	}
	if err := replay.Run(p.t.Context(), p.journal, a, func(m replay.Moment) error { out = append(out, m); return nil }); err != nil {
		p.t.Fatal(err)
	}
	return out
}

// known is what a tracker says that read the journal from its very beginning up to a
// moment: the truth that a replay is held against.
func (p *past) known(at time.Time) *tracker.Tracker {
	p.t.Helper()
	entries, err := p.journal.Read(p.t.Context(), 0, 10_000)
	if err != nil {
		p.t.Fatal(err)
	}
	tracker := tracker.New(p.settings)
	for _, e := range entries {
		if ev, is, err := incident.EventOf(e); err == nil && is && !e.JournaledAt.After(at) {
			tracker.Apply(ev)
		}
	}
	return tracker
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestMomentsAreWhatWasKnownThen applies the moments of periods that begin anywhere
// in the story, and holds what stands at each instant against the whole fold up to it.
func TestMomentsAreWhatWasKnownThen(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.story()
	for _, from := range []float64{-10, 1, 6, 20, 35, 44} {
		moments := p.run(from, 50, nil)
		if len(moments) == 0 || !moments[0].At.Equal(minute(from)) {
			t.Fatalf("from minute %v: begins with %+v", from, moments)
		}
		have := map[string]string{}
		for i, m := range moments {
			for _, in := range m.Incidents {
				have[in.ID] = asJSON(t, in.Incident)
			}
			if i+1 < len(moments) && moments[i+1].At.Equal(m.At) {
				continue // more of the same instant
			}
			truth := p.known(m.At)
			if i == 0 {
				truth = p.known(m.At.Add(-time.Nanosecond))
			}
			want := truth.Incidents()
			if len(want) != len(have) {
				t.Fatalf("from minute %v, at %s: %d incidents, want %d", from, m.At, len(have), len(want))
			}
			for _, in := range want {
				if got := have[in.ID]; got != asJSON(t, in) {
					t.Errorf("from minute %v, at %s:\n%s\nwant\n%s", from, m.At, got, asJSON(t, in))
				}
			}
			for _, u := range m.Units {
				if wantUnit, _ := truth.UnitByID(u.ID); asJSON(t, u) != asJSON(t, wantUnit) {
					t.Errorf("from minute %v, at %s: unit\n%s\nwant\n%s", from, m.At, asJSON(t, u), asJSON(t, wantUnit))
				}
			}
		}
	}
}

// TestNothingIsKnownBeforeItCame: GPS proved at minute 30 that the unit was there at
// minute 9, and at minute 12 only the key was known.
func TestNothingIsKnownBeforeItCame(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.story()
	onScene := func(at float64) (m incident.Milestone) {
		for _, moment := range p.run(at, at+0.001, nil) {
			for _, in := range moment.Incidents {
				for _, x := range in.Milestones {
					if x.Name == incident.OnScene {
						m = x
					}
				}
			}
		}
		return m
	}
	if m := onScene(11); !m.At.IsZero() {
		t.Errorf("minute 11: an arrival at %s is known before it was received", m.At)
	}
	if m := onScene(13); !m.At.Equal(minute(12)) || m.Evidence != incident.ByKey {
		t.Errorf("minute 13: %+v, want the key of minute 12", m)
	}
	// The first fix at the scene came at driving speed: the second one proves it.
	if m := onScene(31); !m.At.Equal(minute(9.25)) || m.Evidence != incident.ByGeofence {
		t.Errorf("minute 31: %s by %s, want minute 9.25 by GPS", m.At, m.Evidence)
	}
	if m := onScene(41); !m.At.Equal(minute(10)) || m.Evidence != incident.ByDispatcher {
		t.Errorf("minute 41: %s by %s, want the dispatcher's minute 10", m.At, m.Evidence)
	}
}

// TestFixesAreThinnedAndAllHeard: with a step fewer fixes are yielded, late ones are
// marked as such, and every report behind a fix is named.
func TestFixesAreThinnedAndAllHeard(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.story()
	count := func(step time.Duration) (newest, late, heard int) {
		for _, m := range p.run(1, 50, func(a *replay.Ask) {
			a.Step = step
			a.Heard = func(string) { heard++ }
		}) {
			for _, f := range m.Fixes {
				if f.Newest {
					newest++
				} else if late++; !f.KnownAt.After(f.Time.Add(time.Minute)) {
					t.Errorf("%+v is called late", f)
				}
			}
		}
		return newest, late, heard
	}
	newest, late, heard := count(0)
	if newest != 23 || late != 8 || heard != 32 { // 3, twenty of 4 to 9, 12, 42; one before the period
		t.Errorf("%d newest, %d late, %d heard", newest, late, heard)
	}
	if thinned, late, heard := count(time.Minute); thinned >= 12 || thinned < 5 || late != 8 || heard != 32 {
		t.Errorf("a fix a minute: %d newest, %d late, %d heard", thinned, late, heard)
	}
}

// TestEndsWithItsReader: an error of the reader ends the replay.
func TestEndsWithItsReader(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.story()
	full := errors.New("the line is cut")
	moments := 0
	err := replay.Run(t.Context(), p.journal, replay.Ask{From: minute(1), To: minute(50), Settings: p.settings}, func(replay.Moment) error { moments++; return full })
	if !errors.Is(err, full) || moments != 1 {
		t.Errorf("%v after %d", err, moments)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := replay.Run(ctx, p.journal, replay.Ask{From: minute(1), To: minute(50), Settings: p.settings}, func(replay.Moment) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestAnEmptyPeriodHasItsBeginning, also in an empty journal.
func TestAnEmptyPeriodHasItsBeginning(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	if m := p.run(0, 10, nil); len(m) != 1 || len(m[0].Incidents) != 0 || len(m[0].Units) != 1 {
		t.Errorf("%+v", m)
	}
	p.story()
	if m := p.run(60, 70, nil); len(m) != 1 || len(m[0].Incidents) != 1 || m[0].Incidents[0].Status != "closed" {
		t.Errorf("%+v", m)
	}
}
