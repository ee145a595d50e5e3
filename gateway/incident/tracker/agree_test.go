package tracker_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

// drawEvents makes up a course of up to forty events of two units in three
// incidents, seven seconds apart, many of them heard late.
func drawEvents(rt *rapid.T) []incident.Event {
	events := []incident.Event{opened(0, "i1"), opened(1, "i2"), opened(2, "i3")}
	ids := []string{"i1", "i2", "i3"}
	statuses := []devices.Status{
		devices.StatusAcknowledged, devices.StatusEnRoute, devices.StatusOnScene, devices.StatusOnScene,
		devices.StatusInProgress, devices.StatusCompleted, devices.StatusAvailable,
	}
	s := 10
	for i := range rapid.IntRange(4, 40).Draw(rt, "events") {
		// Some fall into the second of the one before.
		s += rapid.SampledFrom([]int{7, 7, 7, 0}).Draw(rt, "seconds")
		tenths := rapid.IntRange(0, 9).Draw(rt, "tenths")
		d, unit := drawDevice(rt)
		id := rapid.SampledFrom(ids).Draw(rt, "incident")
		late := rapid.SampledFrom([]int{0, 0, 0, 20, 90, 400}).Draw(rt, "late")
		switch rapid.IntRange(0, 14).Draw(rt, "what") {
		case 0, 1, 2:
			events = append(events, act(s, incident.ActDispatch, id, unit))
		case 3:
			events = append(events, act(s, incident.ActRelease, id, unit))
		case 4:
			kind := rapid.SampledFrom([]incident.ActKind{incident.ActClose, incident.ActCancel, incident.ActReopen, incident.ActReopen}).Draw(rt, "act")
			events = append(events, act(s, kind, id))
		case 5:
			e := act(s, incident.ActMerge, id)
			e.Act.Into = rapid.SampledFrom(ids).Draw(rt, "into")
			events = append(events, e)
		case 6:
			e := act(s, incident.ActRelocate, id)
			p := orb.Point{scene[0], scene[1] + rapid.SampledFrom([]float64{0, 150, 3000}).Draw(rt, "moved")/111195}
			e.Act.Location = &incident.Location{Lat: p[1], Lon: p[0]}
			events = append(events, e)
		case 7:
			e := act(s, incident.ActCorrect, id, unit)
			e.Act.Milestone = rapid.SampledFrom([]incident.MilestoneName{incident.EnRoute, incident.OnScene, incident.Completed}).Draw(rt, "stage")
			e.Act.MilestoneAt = at(s - rapid.IntRange(0, 120).Draw(rt, "earlier"))
			events = append(events, e)
		case 8, 9, 10:
			e := key(s, d, rapid.SampledFrom(statuses).Draw(rt, "status"))
			e.Report.DeviceTime, e.Report.ReceivedAt = at(s), at(s+late).Add(time.Duration(tenths)*time.Second/10)
			events = append(events, e)
		default:
			e := fix(s, late, d, rapid.SampledFrom([]float64{0, 20, 95, 130, 160, 300, 2500}).Draw(rt, "metres"))
			if rapid.Bool().Draw(rt, "no speed") {
				e.Report.Fix.SpeedMPS = geo.Reading{}
			}
			events = append(events, e)
		}
		switch e := &events[len(events)-1]; {
		case e.Act != nil:
			e.Act.ID = fmt.Sprint(e.Act.ID, "-", i)
			e.Act.At = e.Act.At.Add(time.Duration(tenths) * time.Second / 10)
		default:
			e.Report.ID = fmt.Sprint(e.Report.ID, "-", i)
		}
	}
	return events
}

// tellAgainst writes of the tracker what the model writes of itself.
func tellAgainst(tr *tracker.Tracker, id string) string {
	c, ok := tr.Course(id)
	if !ok {
		return "merged"
	}
	in, _ := tr.Incident(id)
	var b strings.Builder
	var lines []string
	for i := range in.Milestones {
		m := &in.Milestones[i]
		if m.Unit == "" || m.Name == incident.InProgress {
			continue
		}
		var was []string
		for _, w := range m.Was {
			was = append(was, fmt.Sprintf("%s %s [%s]", clockTime(w.At), w.Evidence, w.Report))
		}
		lines = append(lines, tellModelStage(m, was))
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, ""))
	c.Clocks = nil
	for _, iv := range settings().Plan.Intervals(c) {
		iv.Clocks = sop.OneClock
		tellInterval(&b, iv)
	}
	return b.String()
}

// packFrom makes the tracker pack what it does not pack of short courses.
func packFrom(rt *rapid.T, tr *tracker.Tracker) {
	tr.PackFrom(rapid.IntRange(1, 3).Draw(rt, "unpacked"), rapid.IntRange(1, 4).Draw(rt, "in a block"), rapid.SampledFrom([]int{1, 1, 2, 5}).Draw(rt, "patience"))
}

// TestModelAgrees compares the tracker with the model over made-up courses, applied in
// an order of chance, in one go or twice.
func TestModelAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		events := numbered(drawEvents(rt))
		m := newModel(settings())
		parts := m.learnAll(settings(), events)
		published := slices.Clone(events)
		if rapid.Bool().Draw(rt, "out of order") {
			chance := rand.New(rand.NewSource(rapid.Int64().Draw(rt, "seed")))
			for range len(events) / 4 {
				published = append(published, events[chance.Intn(len(events))])
			}
			chance.Shuffle(len(published), func(i, j int) { published[i], published[j] = published[j], published[i] })
		}
		tr := tracker.New(settings())
		tr.ReplayAtLeast(rapid.SampledFrom([]int{1, 2, 100}).Draw(rt, "walked anew"))
		packFrom(rt, tr)
		foldInto(tr, published...)
		for _, id := range []string{"i1", "i2", "i3"} {
			if want, got := m.tell(settings(), id, parts), tellAgainst(tr, id); want != got {
				rt.Fatalf("%s (- model, + tracker):\n%s", id, difference(want, got))
			}
		}
		all := tr.Incidents()
		open := slices.DeleteFunc(slices.Clone(all), func(in incident.Incident) bool { return in.Ended() })
		if got := tr.Open(); !reflect.DeepEqual(got, open) {
			rt.Fatalf("open are %v, not %v", got, open)
		}
		for i := range all {
			if in, got := all[i], tr.Find(func(c incident.Call) bool { return c == all[i].Call() }, 1); len(got) != 1 || !reflect.DeepEqual(got[0], in) {
				rt.Fatalf("%v is not found by its call", in)
			}
		}
		standing := slices.DeleteFunc(tr.Alerts(), func(a incident.Alert) bool {
			in, _ := tr.Incident(a.Incident)
			return a.Kind != "emergency" && in.Ended()
		})
		if got := tr.OpenAlerts(); len(got)+len(standing) > 0 && !reflect.DeepEqual(got, standing) {
			rt.Fatalf("open alerts are %v, not %v", got, standing)
		}
		alerts := map[string]bool{}
		for _, a := range tr.Alerts() {
			alerts[fmt.Sprintf("%s %s [%s]", a.Kind, a.Unit, a.Report)] = true
		}
		for a := range m.alerts {
			if !alerts[a] {
				rt.Fatalf("the tracker does not raise %s", a)
			}
		}
		for a := range alerts {
			if !m.alerts[a] {
				rt.Fatalf("the tracker raises %s, the model does not", a)
			}
		}
	})
}
