package record_test

import (
	"context"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/history/record"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
)

// running are the parts of a gateway that has folded a story.
type running struct {
	*tracker.Tracker
	updates []incident.Update
}

func (r *running) Find(want func(incident.Call) bool, _ int) (out []incident.Incident) {
	for _, in := range r.Incidents() {
		if want(in.Call()) {
			out = append(out, in)
		}
	}
	return out
}

func (r *running) ReadIncident(_ context.Context, id string) (out []incident.Update, _ error) {
	for _, u := range r.updates {
		if u.Incident == id {
			out = append(out, u)
		}
	}
	return out, nil
}

// TestGathererAnswersAsTheCommand: the sheet that a running gateway gives is the one that
// is made of its journal alone, by id and by number.
func TestGathererAnswersAsTheCommand(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.add(journal.KindHearing, intake.HearingID("r2", "pos", "YB1ZZ"), minute(2), devices.Hearing{Report: "r2", Link: "pos", Via: "YB1ZZ", ReceivedAt: minute(2)})
	r := &running{Tracker: tracker.New(settings())}
	for _, e := range s.entries {
		ev, is, err := incident.EventOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if is {
			r.updates = append(r.updates, r.Apply(ev)...)
		}
	}
	g := &record.Gatherer{
		State: r, Journal: s, Updates: r, Plan: settings().Plan, Units: func() []incident.Unit { return settings().Roster },
		Links: func() []string { return []string{"pos"} }, Hearers: func(string) []string { return []string{"", "YB1ZZ"} },
		Zone: wib, Now: func() time.Time { return minute(30) },
	}
	want := sheet(t, "20261123-001", false)
	for _, name := range []string{"20261123-001", want.Incident.ID} {
		got, found, err := g.Sheet(t.Context(), name, false)
		if err != nil || !found {
			t.Fatalf("%s: found %v, %v", name, found, err)
		}
		if got.Incident.Number != want.Incident.Number || len(got.Frames) != len(want.Frames) || len(got.Timeline) != len(want.Timeline) || len(got.Clocks) != len(want.Clocks) || !got.CallerWithheld {
			t.Errorf("%s: %d frames, %d lines, %d clocks, not %d, %d, %d", name, len(got.Frames), len(got.Timeline), len(got.Clocks), len(want.Frames), len(want.Timeline), len(want.Clocks))
		}
	}
	if got, found, err := g.Sheet(t.Context(), "none", false); got != nil || found || err != nil {
		t.Errorf("no incident: %v, %v, %v", got, found, err)
	}
	f, found, err := g.Frame(t.Context(), "r2")
	if err != nil || !found || len(f.Heard) != 2 || f.Heard[1].Via != "YB1ZZ" {
		t.Errorf("frame: %+v, %v, %v", f.Heard, found, err)
	}
	if _, found, err := g.Frame(t.Context(), "a0"); found || err != nil {
		t.Errorf("an act is no frame: %v, %v", found, err)
	}
}
