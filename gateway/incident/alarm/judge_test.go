package alarm

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

var start = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func minute(m float64) time.Time { return start.Add(time.Duration(m * float64(time.Minute))) }

func onScene(at ...float64) sop.Course {
	c := sop.Course{ReceivedAt: minute(0), DispatchedAt: minute(0), Units: []sop.UnitCourse{{Unit: "u1", Dispatched: minute(0)}}}
	if len(at) > 0 {
		c.Units[0].OnScene = minute(at[0])
	}
	return c
}

// about picks the alarms of one clock, as "kind state".
func about(alarms []journal.Alarm, clock sop.ClockName) []string {
	var out []string
	for _, a := range alarms {
		if a.Clock == string(clock) {
			out = append(out, a.Kind+" "+a.State)
		}
	}
	return out
}

func TestStanding(t *testing.T) {
	t.Parallel()
	plan := sop.DefaultPlan()
	health := plan
	health.CategoryLimits = map[string]map[sop.ClockName]time.Duration{"health": {sop.OnSceneUpdate: 5 * time.Minute}}
	patient := onScene()
	patient.Category = "health"
	twice := onScene(4)
	twice.Units[0].Progress = []time.Time{minute(16), minute(17)}
	again := onScene()
	again.Units[0].Ended = minute(2)
	again.Units = append(again.Units, sop.UnitCourse{Unit: "u1", Dispatched: minute(3)})
	for _, c := range []struct {
		name   string
		plan   sop.Plan
		course sop.Course
		now    float64
		clock  sop.ClockName
		want   []string
	}{
		{"nothing at first", plan, onScene(), 7.9, sop.OnSceneUpdate, nil},
		{"warning at eighty percent", plan, onScene(), 8.1, sop.OnSceneUpdate, []string{"warning raised"}},
		{"not yet at the very limit", plan, onScene(), 10, sop.OnSceneUpdate, []string{"warning raised"}},
		{"breach", plan, onScene(), 10.1, sop.OnSceneUpdate, []string{"warning breached", "breach raised"}},
		{"a category's own limit", health, patient, 5.1, sop.OnSceneUpdate, []string{"warning breached", "breach raised"}},
		{"arrived in time", plan, onScene(7), 30, sop.OnSceneUpdate, nil},
		{"arrived after the warning", plan, onScene(9), 30, sop.OnSceneUpdate, []string{"warning answered"}},
		{"arrived late", plan, onScene(12), 30, sop.OnSceneUpdate, []string{"warning breached", "breach answered"}},
		{"the first run of progress breached, the third warns", plan, twice, 25.5, sop.ProgressUpdate, []string{"warning breached", "breach answered", "warning raised"}},
		{"sent a second time", plan, again, 12, sop.OnSceneUpdate, []string{"warning raised"}},
		{"the desk is late too", plan, onScene(), 11, sop.Monitoring, []string{"warning breached", "breach raised"}},
	} {
		got := Standing(c.plan, "i1", c.course, minute(c.now))
		if words := about(got, c.clock); !slices.Equal(words, c.want) {
			t.Errorf("%s: %v, want %v", c.name, words, c.want)
		}
	}
}

func TestIDsTellOccurrencesApart(t *testing.T) {
	t.Parallel()
	c := onScene(1)
	c.Units[0].Progress = []time.Time{minute(12), minute(24)}
	c.Units = append(c.Units, sop.UnitCourse{Unit: "u2", Dispatched: minute(0)}, sop.UnitCourse{Unit: "u2", Dispatched: minute(20)})
	seen := map[string]string{}
	for _, a := range Standing(sop.DefaultPlan(), "i1", c, minute(200)) {
		if other, twice := seen[a.ID]; twice {
			t.Errorf("%s %s and %s share an id", a.Clock, a.Kind, other)
		}
		seen[a.ID] = a.Clock + " " + a.Kind
	}
	if len(seen) < 12 {
		t.Fatalf("only %d alarms", len(seen))
	}
}

func TestOnlyTheDispatcherCloses(t *testing.T) {
	t.Parallel()
	c := onScene(12)
	c.Units[0].Progress = []time.Time{minute(13)}
	c.Units[0].Completed = minute(14)
	breach := func(c sop.Course) journal.Alarm {
		for _, a := range Standing(sop.DefaultPlan(), "i1", c, minute(15)) {
			if a.Clock == string(sop.OnSceneUpdate) && a.Kind == journal.AlarmBreach {
				return a
			}
		}
		t.Fatal("no breach")
		return journal.Alarm{}
	}
	if a := breach(c); !a.Open() {
		t.Error("reports of a unit closed the alarm")
	}
	c.Reviews = []time.Time{minute(9)}
	if a := breach(c); !a.Open() {
		t.Error("a review from before the breach closed it")
	}
	c.Reviews = append(c.Reviews, minute(12.5))
	if a := breach(c); a.Open() || !a.SeenAt.Equal(minute(12.5)) {
		t.Errorf("the review did not close it: %+v", a)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	plan := sop.DefaultPlan()
	delete(plan.Limits, sop.Monitoring)
	var recorded []journal.Alarm
	step := func(name string, c sop.Course, now float64, want ...string) {
		t.Helper()
		var got []string
		for _, a := range Steps(recorded, Standing(plan, "i1", c, minute(now)), !c.ClosedAt.IsZero(), minute(now)) {
			got = append(got, a.Kind+" "+a.Change)
			recorded = slices.DeleteFunc(recorded, func(b journal.Alarm) bool { return b.ID == a.ID })
			recorded = append(recorded, a)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	step("nothing", onScene(), 5)
	step("warns", onScene(), 8.5, "warning raised")
	step("is raised once", onScene(), 9)
	step("breaches", onScene(), 11, "warning breached", "breach raised")
	step("and is raised once", onScene(), 11.5)
	step("is answered", onScene(11.6), 11.7, "breach answered")
	step("a late fix proves an arrival after the warning", onScene(9), 12, "warning answered", "breach withdrawn")
	step("and a later one before it", onScene(7), 12, "warning withdrawn")
	step("the correction is itself corrected", onScene(11.6), 12, "warning raised", "breach raised")
	seen := onScene(11.6)
	seen.Reviews = []time.Time{minute(12.1)}
	step("the dispatcher looks", seen, 12.2, "warning seen", "breach seen")
	fresh := onScene(12)
	fresh.ClosedAt = minute(60)
	recorded = nil
	step("what was over before is not raised", fresh, 100)
	step("a breach that ended while the gateway was away is raised", onScene(12), 13, "breach raised")
}

// TestRestartsRaiseNothingTwice: judged at any moments, each by an engine that
// knows only the record, every alarm is raised at most once.
func TestRestartsRaiseNothingTwice(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		raised := map[string]int{}
		latest := map[string]journal.Alarm{}
		c := onScene()
		for now := 0.0; now < 150; now += rng.Float64() * 6 {
			u := &c.Units[0]
			switch at := minute(now); rng.IntN(12) {
			case 0:
				if u.OnScene.IsZero() {
					u.OnScene = at
				}
			case 1:
				if !u.OnScene.IsZero() {
					u.Progress = append(u.Progress, at)
				}
			case 2:
				c.Reviews = append(c.Reviews, at)
			}
			var recorded []journal.Alarm
			for _, a := range latest {
				recorded = append(recorded, a)
			}
			for _, a := range Steps(recorded, Standing(sop.DefaultPlan(), "i1", c, minute(now)), false, minute(now)) {
				if a.Step != latest[a.ID].Step+1 {
					t.Fatalf("step %d after %d", a.Step, latest[a.ID].Step)
				}
				if a.Change == journal.AlarmRaised {
					raised[a.ID]++
				}
				latest[a.ID] = a
			}
		}
		for id, n := range raised {
			if n > 1 {
				t.Fatalf("%s was raised %d times", id, n)
			}
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	plan := sop.Plan{Limits: map[sop.ClockName]time.Duration{sop.OnSceneUpdate: 10 * time.Minute}, WarnAt: 0.8}
	for _, c := range []struct {
		now, want float64
		course    sop.Course
	}{{1, 8, onScene()}, {8, 8, onScene()}, {8.5, 10, onScene()}, {10.5, 0, onScene()}, {1, 0, onScene(0.5)}} {
		got := Next(plan, c.course, minute(c.now))
		if c.want == 0 && !got.IsZero() || c.want != 0 && !got.Equal(minute(c.want)) {
			t.Errorf("at %v: %v, want %v", c.now, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	a := Standing(sop.DefaultPlan(), "i1", onScene(), minute(11))[1]
	a.Late = "DAMKAR 1"
	if id, en := describe(a); id != "DAMKAR 1: laporan tiba di lokasi melewati batas 10 menit" || en != "DAMKAR 1: the on-scene report is past its limit of 10 min" {
		t.Errorf("%s / %s", id, en)
	}
	for seconds, want := range map[float64]string{120: "2 menit / 2 min", 45: "45 detik / 45 s", 3930: "1 jam 5 menit 30 detik / 1 h 5 min 30 s", 0: "0 detik / 0 s", 119.6: "2 menit / 2 min"} {
		if id, en := lasting(time.Duration(seconds * float64(time.Second))); id+" / "+en != want {
			t.Errorf("%v s: %s / %s, want %s", seconds, id, en, want)
		}
	}
	if got := spoken("{call_sign}, MOHON UPDATE", "Unit 3"); got != "UNIT 3, MOHON UPDATE" {
		t.Error(got)
	}
}
