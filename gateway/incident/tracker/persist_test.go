package tracker_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
)

// resumed is another tracker that goes on from the state of tr.
func resumed(t interface{ Fatal(...any) }, tr *tracker.Tracker) *tracker.Tracker {
	out := tracker.New(settings())
	if err := out.Resume(tr.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	return out
}

// whole is everything that can be asked of a tracker, as JSON.
func whole(t interface{ Fatal(...any) }, tr *tracker.Tracker) string {
	b, err := json.Marshal([]any{tr.Incidents(), tr.Units(), tr.Alerts(), tr.UnknownDevices(), tr.Folded()})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// goesOnAlike applies events to both and holds every update of one against the other's.
func goesOnAlike(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, tr, other *tracker.Tracker, events []incident.Event) {
	for i, e := range events {
		want, err := json.Marshal(tr.Apply(e))
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(other.Apply(e))
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(got) {
			t.Fatalf("event %d of %d after resuming gives\n%s\nnot\n%s", i, len(events), got, want)
		}
	}
	if want, got := whole(t, tr), whole(t, other); want != got {
		t.Fatalf("resumed:\n%s\nnot:\n%s", got, want)
	}
}

// TestResumedGoesOnAlike: a tracker that takes up another's state anywhere in a course
// answers as that one, and gives the same updates under the same numbers from there on.
func TestResumedGoesOnAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		events := numbered(drawEvents(rt))
		if rapid.Bool().Draw(rt, "out of order") {
			chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
			chance.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		}
		cut := rapid.IntRange(0, len(events)).Draw(rt, "cut")
		tr := tracker.New(settings())
		packFrom(rt, tr)
		for _, e := range events[:cut] {
			tr.Apply(e)
		}
		other := resumed(rt, tr)
		if want, got := whole(rt, tr), whole(rt, other); want != got {
			rt.Fatalf("resumed:\n%s\nnot:\n%s", got, want)
		}
		goesOnAlike(rt, tr, other, events[cut:])
	})
}

// longShift are twenty hours of two units, so long that the tracker forgets what is
// old: a fix each ten seconds, keys, acts, and one report in twenty an hour late.
func longShift() []incident.Event {
	chance := rand.New(rand.NewPCG(3, 4))
	units := map[devices.Identity]string{"fleetsync:102-1001": "damkar-1", "nexedge:00103": "psc-1"}
	statuses := []devices.Status{devices.StatusEnRoute, devices.StatusOnScene, devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable}
	var events []incident.Event
	for i := range 7200 {
		s := i * 10
		d := devices.Identity("fleetsync:102-1001")
		if i%2 == 1 {
			d = "nexedge:00103"
		}
		id := fmt.Sprint("i", i/300)
		if i%300 == 0 {
			events = append(events, opened(s, id))
		}
		switch chance.IntN(40) {
		case 0:
			events = append(events, act(s, incident.ActDispatch, id, units[d]))
		case 1, 2:
			events = append(events, key(s, d, statuses[chance.IntN(len(statuses))]))
		case 3:
			if chance.IntN(4) == 0 {
				events = append(events, act(s, incident.ActClose, id))
			}
		default:
			late := 0
			if chance.IntN(20) == 0 {
				late = 3600
			}
			events = append(events, fix(s, late, d, float64(chance.IntN(300))))
		}
	}
	slices.SortStableFunc(events, func(a, b incident.Event) int {
		at := func(e incident.Event) int64 {
			if e.Act != nil {
				return e.Act.At.UnixNano()
			}
			return e.Report.ReceivedAt.UnixNano()
		}
		return int(at(a) - at(b))
	})
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

// TestResumedAfterALongShift takes up the state where much is forgotten already.
func TestResumedAfterALongShift(t *testing.T) {
	t.Parallel()
	events := longShift()
	tr := tracker.New(settings())
	for i, e := range events {
		tr.Apply(e)
		if i%1777 == 1000 {
			to := min(i+1+600, len(events))
			goesOnAlike(t, resumed(t, tr), resumed(t, tr), events[i+1:to])
		}
		if i == len(events)/2 {
			other := resumed(t, tr)
			once := tracker.New(settings())
			for _, e := range events[:i+1] {
				once.Apply(e)
			}
			goesOnAlike(t, once, other, events[i+1:])
		}
	}
}
