package tracker_test

import (
	"flag"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/geo"
)

var update = flag.Bool("update", false, "write expected.txt of the scenarios anew")

func scenarioSettings() incident.Settings {
	plan := sop.DefaultPlan()
	plan.CategoryLimits = map[string]map[sop.ClockName]time.Duration{"health": {sop.OnSceneUpdate: 8 * time.Minute}}
	return incident.Settings{Roster: scenarioUnits(), Plan: plan, Arrival: geo.DefaultArrivalRule()}
}

// TestScenarios plays the book in testdata/scenarios: what happened must come out as
// its expected.txt says, in whatever order and however often it came.
func TestScenarios(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/scenarios/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) < 60 {
		t.Fatalf("the book has only %d scenarios", len(folders))
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			s := readScript(t, filepath.Join(folder, "events.txt"))
			s.nameAlerts(t)
			got, state := s.play()
			file := filepath.Join(folder, "expected.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the outcome differs:\n%s", difference(string(want), got))
			}
			if _, err := os.Stat(filepath.Join(folder, "story.md")); err != nil {
				t.Error(err)
			}
			for cut := range s.steps {
				s.resume(t, cut)
			}
			for seed := range int64(6) {
				if other := s.shuffled(seed); other != state {
					t.Fatalf("in another order (%d) the outcome differs:\n%s", seed, difference(state, other))
				}
			}
		})
	}
}

// resume takes up the tracker's state before a step and goes on from there.
func (s *script) resume(t testing.TB, cut int) {
	t.Helper()
	tr, rest := tracker.New(scenarioSettings()), []incident.Event{}
	for i, st := range s.steps {
		switch {
		case st.seen != nil:
		case i < cut:
			tr.Apply(st.event)
		default:
			rest = append(rest, st.event)
		}
	}
	other := tracker.New(scenarioSettings())
	if err := other.Resume(tr.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	goesOnAlike(t, tr, other, rest)
}

// nameAlerts finds the ids of the alerts that somebody has seen.
func (s *script) nameAlerts(t testing.TB) {
	t.Helper()
	tr := tracker.New(scenarioSettings())
	for _, st := range s.steps {
		if st.seen == nil {
			tr.Apply(st.event)
		}
	}
	alerts := tr.Alerts()
	for _, st := range s.steps {
		if st.seen == nil {
			continue
		}
		i := slices.IndexFunc(alerts, func(a incident.Alert) bool {
			unit := a.Unit
			if unit == "" {
				unit, _, _ = strings.Cut(a.Text, " ")
			}
			return unit == st.seen.Unit && a.Kind == st.seen.Kind && a.At.Equal(st.seen.At)
		})
		if i < 0 {
			t.Fatalf("nobody can have seen %s of %s at %s: %+v", st.seen.Kind, st.seen.Unit, st.seen.At, alerts)
		}
		st.event.Act.Alert, st.event.Act.Incident = alerts[i].ID, alerts[i].Incident
		if alerts[i].Unit != "" {
			st.event.Act.Units = []string{alerts[i].Unit}
		}
	}
}

// play applies the events in the order in which they were heard: everything that comes
// out, and the final state alone.
func (s *script) play() (all, state string) {
	tr := tracker.New(scenarioSettings())
	var updates []incident.Update
	var looks strings.Builder
	pending := slices.Clone(s.looks)
	slices.SortFunc(pending, time.Time.Compare)
	look := func(until time.Time) {
		for len(pending) > 0 && (until.IsZero() || pending[0].Before(until)) {
			tellClocks(&looks, tr, pending[0])
			pending = pending[1:]
		}
	}
	for i, st := range s.steps {
		look(st.heard)
		st.event.Seq = uint64(i + 1)
		updates = append(updates, tr.Apply(st.event)...)
	}
	look(time.Time{})
	state = tellState(tr)
	return state + tellCorrections(updates) + looks.String(), state
}

// shuffled applies the events in an order of chance, some of them twice, in one go.
func (s *script) shuffled(seed int64) string {
	chance := rand.New(rand.NewSource(seed))
	steps := slices.Clone(s.steps)
	for i := range steps {
		steps[i].event.Seq = uint64(i + 1)
	}
	for _, i := range chance.Perm(len(steps))[:len(steps)/3] {
		steps = append(steps, steps[i])
	}
	if seed == 0 {
		slices.Reverse(steps)
	} else {
		chance.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
	}
	tr := tracker.New(scenarioSettings())
	for _, st := range steps {
		tr.Apply(st.event)
	}
	return tellState(tr)
}

// difference shows the lines that only one of two texts has.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out strings.Builder
	for _, l := range a {
		if !slices.Contains(b, l) {
			out.WriteString("- " + l + "\n")
		}
	}
	for _, l := range b {
		if !slices.Contains(a, l) {
			out.WriteString("+ " + l + "\n")
		}
	}
	if out.Len() == 0 {
		return "the same lines in another order:\n" + got
	}
	return out.String()
}
