package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// alarmView is what the tests read of an alarm.
type alarmView struct {
	ID     string    `json:"id"`
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Change string    `json:"change"`
	Late   string    `json:"late"`
	SeenAt time.Time `json:"seen_at"`
}

// openAlarms are the alarms at which a dispatcher has still to look, as "kind state".
func (s *site) openAlarms() []string {
	s.t.Helper()
	var answer struct {
		Alarms []alarmView `json:"alarms"`
	}
	s.get("/alarms", &answer)
	out := []string{}
	for _, a := range answer.Alarms {
		out = append(out, a.Kind+" "+a.State)
	}
	return out
}

// TestLateUnitIsAlarmedOnceAndAskedOnce: the clock warns and breaches, the unit is
// asked over its radio, a kill and a restart repeat nothing, the unit's key answers
// the alarm, and only the dispatcher's review closes it.
func TestLateUnitIsAlarmedOnceAndAskedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.transmitting("roof")
	const procedure = `categories: [{key: fire, id: Kebakaran, en: Fire}]
clocks: {on_scene_update: 10m}
warn_at: 0.5
category_limits: [{category: fire, clock: on_scene_update, limit: 2s}]
`
	if err := os.WriteFile(filepath.Join(s.dir, "sop.yaml"), []byte(procedure), 0o600); err != nil {
		t.Fatal(err)
	}
	s.configure("sop_file: sop.yaml\nalarms: {radio: breach}\n")
	s.start()
	commands := told(t, s.radio, 0x03)
	events := s.events("")
	id := s.reach()
	is := func(kind, change string) func(update) bool {
		return func(u update) bool {
			return u.Kind == "alarm" && u.Alarm.Kind == kind && u.Alarm.Change == change && u.Alarm.Late == "DAMKAR 1"
		}
	}
	first := s.await(events, "the opening", func(u update) bool { return u.Kind == "opened" })
	s.await(events, "a warning", is("warning", "raised"))
	s.await(events, "a breach", is("breach", "raised"))
	expect(t, commands, "to report", "DAMKAR 1, MOHON UPDATE")
	if got := s.openAlarms(); len(got) != 1 || got[0] != "breach raised" {
		t.Errorf("open: %v", got)
	}
	s.kill()
	s.start()
	s.press("13")
	events = s.events(first.id) // from the beginning again
	raised, asked := map[string]int{}, 0
	s.await(events, "the answer", func(u update) bool {
		if u.Kind == "alarm" && u.Alarm.Change == "raised" {
			raised[u.Alarm.ID]++
		}
		if u.Kind == "message" && strings.Contains(u.Text, "MOHON UPDATE") {
			asked++
		}
		return is("breach", "answered")(u)
	})
	if len(raised) != 2 || asked != 1 {
		t.Errorf("raised %v, asked %d times", raised, asked)
	}
	for id, n := range raised {
		if n != 1 {
			t.Errorf("alarm %s was raised %d times", id, n)
		}
	}
	if got := s.openAlarms(); len(got) != 1 || got[0] != "breach answered" {
		t.Errorf("the radio closed the alarm: %v", got)
	}
	s.post("/incidents/"+id+"/review", map[string]any{}, nil)
	s.await(events, "the alarm's end", func(u update) bool { return is("breach", "seen")(u) && !u.Alarm.SeenAt.IsZero() })
	if got := s.openAlarms(); len(got) != 0 {
		t.Errorf("still open: %v", got)
	}
	s.stop()
}
