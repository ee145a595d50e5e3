package analysis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// at looks at the record some minutes after its first call.
func (c county) at(t *testing.T, minutes int, s Scope) Figures {
	t.Helper()
	r, err := Read(t.Context(), c, s)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Figures(Options{Plan: sop.DefaultPlan(), Now: monday.Add(time.Duration(minutes) * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func row(t *testing.T, f Figures, interval sop.IntervalName) Row {
	t.Helper()
	for _, r := range f.Rows {
		if r.Interval == interval {
			return r
		}
	}
	t.Fatalf("no row of %s in %+v", interval, f.Rows)
	return Row{}
}

// TestOpenIsOverItsLimit: what still runs is left out until it is over its limit,
// and then counts as not within, and as at least that long.
func TestOpenIsOverItsLimit(t *testing.T) {
	t.Parallel()
	var c county
	for n, arrives := range []int{4, 5, 6, 7} { // after 2, 3, 4 and 5 minutes under way
		c.add(fmt.Sprint("i", n), "fire", "X", monday, 30, way{fmt.Sprint("D", n), "damkar", 2, 3, arrives, 20})
	}
	c.add("open", "fire", "X", monday, -1, way{"D9", "damkar", 2, 3, -1, -1})
	for _, want := range []struct {
		minutes int
		row     string
	}{
		{12, "n4 over0 median 3.5 p90 5 4/4 still_open=1"}, // on the limit is within
		{13, "n5 over1 median 4 p90 ≥11 4/5"},
		{60, "n5 over1 median 4 p90 ≥58 4/5"},
	} {
		r := row(t, c.at(t, want.minutes, Scope{}), sop.IntervalName(sop.OnSceneUpdate))
		got := fmt.Sprintf("n%d over%d median %s p90 %s %d/%d", r.Count, r.OpenOver, least(r.MedianS, r.MedianAtLeast), least(r.P90S, r.P90AtLeast), r.Within, r.Judged)
		for why, n := range r.LeftOut {
			got += fmt.Sprintf(" %s=%d", why, n)
		}
		if got != want.row {
			t.Errorf("after %d min: got %s, want %s", want.minutes, got, want.row)
		}
	}
}

func least(s *float64, marked bool) string {
	mark := ""
	if marked {
		mark = "≥"
	}
	return fmt.Sprintf("%s%g", mark, *s/60)
}

// TestLowerBoundHolds: whenever the open intervals end, a figure that is marked
// does not fall and one that is not marked does not change.
func TestLowerBoundHolds(t *testing.T) {
	t.Parallel()
	for values := 1; values <= 12; values++ {
		for over := 1; over <= 4; over++ {
			for _, overAt := range []float64{1, 5, 9, 30} {
				var t1, later tally
				lasting := func(s float64) *cases.Interval {
					return &cases.Interval{Lasted: int64(s * 1e9), Limit: 5e9, Within: s <= 5}
				}
				for v := range values {
					t1.add(lasting(float64(v+1)), false)
				}
				later.merge(&t1)
				for o := range over {
					t1.addOver(time.Duration((overAt+float64(o))*1e9), 5*time.Second)
					later.add(lasting(1000+float64(o)), false)
				}
				now, then := t1.row(cell{}), later.row(cell{})
				for _, f := range []struct {
					name      string
					now, then float64
					atLeast   bool
				}{{"median", *now.MedianS, *then.MedianS, now.MedianAtLeast}, {"p90", *now.P90S, *then.P90S, now.P90AtLeast}} {
					if f.then < f.now || !f.atLeast && f.then != f.now {
						t.Errorf("%s of %d values and %d open from %g: %g (at least: %v), later %g", f.name, values, over, overAt, f.now, f.atLeast, f.then)
					}
				}
			}
		}
	}
}

// TestRunsOfRepeatingClocks: the next report, the next review and the closing are
// awaited from the last one on.
func TestRunsOfRepeatingClocks(t *testing.T) {
	t.Parallel()
	var c county
	c.add("open", "fire", "X", monday, -1, way{"D1", "damkar", 1, 2, 5, -1}, way{"D2", "damkar", 1, 2, 6, 12})
	f := c.at(t, 16, Scope{})
	if r := row(t, f, sop.IntervalName(sop.ProgressUpdate)); r.Count != 2 || r.OpenOver != 1 || *r.MaxS != 11*60 || r.Within != 1 {
		t.Errorf("progress %+v", r) // D1's since 5; D2's took 6
	}
	if r := row(t, f, sop.IntervalName(sop.Monitoring)); r.OpenOver != 1 || *r.MaxS != 15*60 {
		t.Errorf("monitoring %+v", r)
	}
	for _, r := range f.Rows {
		if r.Interval == sop.IntervalName(sop.Closing) {
			t.Errorf("closing runs while a unit is at work: %+v", r)
		}
	}
	var done county
	done.add("open", "fire", "X", monday, -1, way{"D1", "damkar", 1, 2, 5, 10}, way{"D2", "damkar", 1, 2, 6, 12})
	if r := row(t, done.at(t, 15, Scope{}), sop.IntervalName(sop.Closing)); r.OpenOver != 1 || *r.MaxS != 3*60 {
		t.Errorf("closing %+v", r)
	}
}

// takeOff adds the point of a unit that was sent elsewhere.
func (c *county) takeOff(id, unit string, when time.Time) {
	*c = append(*c, telemetry.Points(incident.Update{
		Kind: incident.UpdateReleased, Incident: id, Category: "fire", Unit: unit, Agency: "damkar", At: when, KnownAt: when, Text: "moved", ReceivedAt: monday,
	})...)
}

func TestUnitTakenOffIsNotLate(t *testing.T) {
	t.Parallel()
	var c county
	c.add("i", "fire", "X", monday, -1, way{"D1", "damkar", 1, 2, -1, -1})
	c.takeOff("i", "D1", monday.Add(4*time.Minute))
	if r := row(t, c.at(t, 60, Scope{}), sop.IntervalName(sop.OnSceneUpdate)); r.OpenOver != 0 || r.LeftOut[TakenOff] != 1 {
		t.Errorf("row %+v", r)
	}
}

func TestCorrectedValueIsLeftOutOnce(t *testing.T) {
	t.Parallel()
	var c county
	c.add("i", "fire", "X", monday, 60, way{"D1", "damkar", 1, 2, 9, 50})
	to := func(minutes int) *sop.Interval {
		return &sop.Interval{Name: sop.Response, Unit: "D1", From: monday, To: monday.Add(time.Duration(minutes) * time.Minute)}
	}
	var kept county
	for _, p := range c {
		if p.Tag("interval") != string(sop.Response) {
			kept = append(kept, p)
		}
	}
	kept = append(kept, telemetry.Points(incident.Update{
		Kind: incident.UpdateInterval, Incident: "i", Category: "fire", Unit: "D1", ReceivedAt: monday, BeforeInterval: to(9), Interval: to(7),
	})...)
	if r := row(t, kept.at(t, 60, Scope{}), sop.Response); r.Count != 1 || *r.MedianS != 7*60 || r.LeftOut[Corrected] != 1 {
		t.Errorf("row %+v", r)
	}
}

// TestClockAheadIsUnsure: a key that was heard before it was pressed.
func TestClockAheadIsUnsure(t *testing.T) {
	t.Parallel()
	var c county
	c.add("i", "fire", "X", monday, 60, way{"D1", "damkar", 1, 2, 9, 50})
	for i, p := range c {
		if p.Tag("milestone") != string(incident.OnScene) {
			continue
		}
		for j := range p.Fields {
			switch p.Fields[j].Key {
			case telemetry.ClockField:
				c[i].Fields[j].Value = telemetry.DeviceClock
			case telemetry.KnownAfterField:
				c[i].Fields[j].Value = -60.0
			}
		}
	}
	f := c.at(t, 60, Scope{})
	if r := row(t, f, sop.Response); r.Count != 0 || r.LeftOut[ClockUnsure] != 1 {
		t.Errorf("response %+v", r)
	}
	if r := row(t, f, sop.Turnout); r.Count != 1 || r.MixedClocks != 0 {
		t.Errorf("turnout %+v", r)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	c := example()
	for _, want := range []struct {
		scope     Scope
		incidents int
		response  string
	}{
		{Scope{Category: "health"}, 2, "n0"},
		{Scope{District: "Kadipaten"}, 3, "n2"},
		{Scope{Unit: "D2"}, 1, "n1"},
		{Scope{Agency: "damkar"}, 2, "n3"},
		{Scope{Agency: "damkar", Unit: "A1"}, 0, ""},
		{Scope{Incident: "i2"}, 1, "n1"},
		{Scope{Incident: "nobody"}, 0, ""},
	} {
		f := c.at(t, 60, want.scope)
		got := ""
		for _, r := range f.Rows {
			if r.Interval == sop.Response {
				got = fmt.Sprint("n", r.Count)
			}
			if want.scope.Unit != "" && r.Interval == sop.Total {
				t.Errorf("%+v: the whole incident's total is no unit's", want.scope)
			}
		}
		if f.Incidents != want.incidents || got != want.response {
			t.Errorf("%+v: %d incidents, response %s", want.scope, f.Incidents, got)
		}
	}
}

func TestSamplesAndDistributions(t *testing.T) {
	t.Parallel()
	r, err := Read(t.Context(), example(), Scope{})
	if err != nil {
		t.Fatal(err)
	}
	counted := map[sop.IntervalName]int{}
	last := time.Time{}
	samples, err := r.Samples()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if s.To.Before(last) || s.LeftOut == "" && s.To.Sub(s.From).Seconds() != s.Seconds {
			t.Errorf("sample %+v", s)
		}
		if last = s.To; s.LeftOut == "" && !s.Unreported {
			counted[s.Interval]++
		}
	}
	if counted[sop.Response] != 3 || counted[sop.Turnout] != 3 {
		t.Errorf("counted %v", counted)
	}
	distributions, err := r.Distributions()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range distributions {
		sum := d.Beyond
		for _, n := range d.Counts {
			sum += n
		}
		if sum != counted[d.Interval] || len(d.Counts) > mostBins {
			t.Errorf("%s: %d of %d in %d bins", d.Interval, sum, counted[d.Interval], len(d.Counts))
		}
	}
}

// TestKeyDiscipline judges arrivals by every verdict that the tracker gives.
func TestKeyDiscipline(t *testing.T) {
	t.Parallel()
	var c county
	arrival := func(unit string, m incident.Milestone) {
		m.Unit, m.At, m.KnownAt = unit, monday.Add(9*time.Minute), monday.Add(9*time.Minute)
		name := m.Name
		if name == "" {
			m.Name = incident.OnScene
		}
		c = append(c, telemetry.Points(incident.Update{
			Kind: incident.UpdateMilestone, Incident: "i" + unit, Category: "fire", Unit: unit, Agency: "damkar", ReceivedAt: monday, Milestone: &m,
		})...)
	}
	key := func(after time.Duration) *incident.Witness {
		return &incident.Witness{At: monday.Add(9*time.Minute + after), Evidence: incident.ByKey}
	}
	cases := []struct {
		unit string
		m    incident.Milestone
		want string
	}{
		{"confirmed", incident.Milestone{Evidence: incident.ByKey, Verdict: incident.Confirmed}, "pressed"},
		{"soon", incident.Milestone{Evidence: incident.ByGeofence, Verdict: incident.Confirmed, Other: key(90 * time.Second)}, "pressed"},
		{"late", incident.Milestone{Evidence: incident.ByGeofence, Verdict: incident.Confirmed, Other: key(3 * time.Minute)}, "late"},
		{"fixes only", incident.Milestone{Evidence: incident.ByGeofence, Verdict: incident.GPSOnly}, "missing"},
		{"key only", incident.Milestone{Evidence: incident.ByKey, Verdict: incident.KeyOnly}, "pressed"},
		{"far away", incident.Milestone{Evidence: incident.ByKey, Verdict: incident.Conflict}, "contradicted"},
		{"by hand", incident.Milestone{Evidence: incident.ByDispatcher}, "missing"},
		{"moved by hand", incident.Milestone{Evidence: incident.ByDispatcher, Verdict: incident.KeyOnly}, "pressed"},
		{"only done", incident.Milestone{Name: incident.Completed, Evidence: incident.ByKey, Confidence: 0.9}, "missing"},
	}
	for _, k := range cases {
		c.add("i"+k.unit, "fire", "X", monday, 60, way{k.unit, "damkar", 1, -1, -1, -1})
		if k.m.Confidence == 0 {
			k.m.Confidence = 0.8
		}
		arrival(k.unit, k.m)
	}
	r, err := Read(t.Context(), c, Scope{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	uses, err := r.KeyDiscipline()
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range uses {
		if u.Expected != u.Pressed+u.Late+u.Missing+u.Contradicted {
			t.Errorf("the counts do not add up: %+v", u)
		}
		if u.Key == incident.OnScene {
			got[u.Unit] = strings.Repeat("pressed", u.Pressed) + strings.Repeat("late", u.Late) + strings.Repeat("missing", u.Missing) + strings.Repeat("contradicted", u.Contradicted)
		}
		if u.Key == incident.EnRoute && u.Missing != 1 {
			t.Errorf("en route was not pressed: %+v", u)
		}
	}
	for _, k := range cases {
		if got[k.unit] != k.want {
			t.Errorf("%s: %s, want %s", k.unit, got[k.unit], k.want)
		}
	}
}
