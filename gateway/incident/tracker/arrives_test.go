package tracker_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// TestUnitArrivesWhenItsFirstDeviceDoes: written from what must hold and not from how it is
// found. A unit drives to a place and stays for minutes. It has one to three devices: the
// vehicle's, one that the crew carries on, one at the base; bursts are lost, two in a
// row at most. Whatever the order in which all of that is learned, and whatever becomes of the
// incident afterwards, the unit has arrived when its first device stood there, and a key pressed there
// contradicts nothing.
func TestUnitArrivesWhenItsFirstDeviceDoes(t *testing.T) {
	t.Parallel()
	unit := settings().Roster[0]
	rapid.Check(t, func(rt *rapid.T) {
		events := []incident.Event{opened(0, "i1"), opened(1, "i2"), act(10, incident.ActDispatch, "i1", unit.ID)}
		arrives := rapid.IntRange(120, 400).Draw(rt, "arrives")
		leaves := arrives + rapid.IntRange(300, 600).Draw(rt, "stays")
		far := func(s int) float64 { return max(0, float64(arrives-s)*12) } // metres, at 12 m/s
		walk := rapid.Float64Range(0, 1.3).Draw(rt, "walks on")
		add := func(e incident.Event, metres, speed float64) {
			if metres > 0 && speed > 0 {
				e.Report.Fix.SpeedMPS = geo.Measured(speed)
			}
			events = append(events, e)
		}
		every := rapid.IntRange(5, 12).Draw(rt, "every")
		lost := 0 // bursts in a row, two at most
		carried, left := rapid.Bool().Draw(rt, "carried"), rapid.Bool().Draw(rt, "left")
		for s := 20; s < leaves; s += every {
			driving := 0.0
			if s < arrives {
				driving = 12
			}
			if lost++; lost > 2 || rapid.IntRange(0, 4).Draw(rt, "lost") != 0 {
				add(fix(s, 0, unit.Devices[0], far(s)), far(s), driving)
				lost = 0
			}
			if carried {
				on := far(s + 1)
				if s > arrives {
					on = min(250, walk*float64(s-arrives))
				}
				add(fix(s+1, 0, unit.Devices[1], on), on, max(driving, walk))
			}
			if left {
				add(fix(s+2, 0, unit.Devices[2], 5000), 0, 0)
			}
		}
		pressed := rapid.SampledFrom([]int{-1, arrives + 2, arrives + 20}).Draw(rt, "pressed")
		if pressed >= 0 {
			events = append(events, key(pressed, unit.Devices[rapid.SampledFrom([]int{0, 0, 1}).Draw(rt, "on")], devices.StatusOnScene))
		}
		id := "i1"
		switch rapid.IntRange(0, 3).Draw(rt, "ends") {
		case 0:
			e := act(leaves-rapid.IntRange(1, 200).Draw(rt, "before"), incident.ActMerge, "i1")
			e.Act.Into, id = "i2", "i2"
			events = append(events, e)
		case 1:
			events = append(events, act(leaves+10, incident.ActClose, "i1"))
		case 2:
			events = append(events, act(leaves-rapid.IntRange(1, 100).Draw(rt, "before"), incident.ActCancel, "i1"))
		}
		events = numbered(events)
		if rapid.Bool().Draw(rt, "out of order") {
			chance := rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed")))
			events = append(events, events[:len(events)/3]...)
			chance.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		}
		tr := tracker.New(settings())
		packFrom(rt, tr)
		foldInto(tr, events...)
		in, _ := tr.Incident(id)
		var m *incident.Milestone
		for i := range in.Milestones {
			if in.Milestones[i].Name == incident.OnScene && in.Milestones[i].Unit == unit.ID {
				m = &in.Milestones[i]
			}
		}
		if m == nil {
			rt.Fatalf("it stood there from %s to %s and has not arrived", clockTime(at(arrives)), clockTime(at(leaves)))
			return
		}
		// Inside is within 100 m, which it drove through in some eight seconds.
		if off := m.At.Sub(at(arrives)); off < -10*time.Second || off > 45*time.Second {
			rt.Fatalf("it arrived at %s and is recorded at %s by %s", clockTime(at(arrives)), clockTime(m.At), m.Evidence)
		}
		if m.Verdict == incident.Conflict {
			rt.Fatal("nothing contradicts its arrival")
		}
		for _, a := range tr.Alerts() {
			if a.Kind == "key_far_away" {
				rt.Fatal(fmt.Sprint("nobody pressed far away: ", a.Text))
			}
		}
	})
}
