package system

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// openAlarms are the alarms at which a dispatcher has still to look, as "kind state".
func openAlarms(s *sitetest.Site) []string {
	s.T.Helper()
	var answer struct {
		Alarms []sitetest.Alarm `json:"alarms"`
	}
	s.Get("/alarms", &answer)
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
	s := sitetest.New(t)
	s.AllowTransmit("roof")
	const procedure = `categories: [{key: fire, id: Kebakaran, en: Fire}]
clocks: {on_scene_update: 10m}
warn_at: 0.5
category_limits: [{category: fire, clock: on_scene_update, limit: 2s}]
`
	if err := os.WriteFile(filepath.Join(s.Dir, "sop.yaml"), []byte(procedure), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Configure("sop_file: sop.yaml\nalarms: {radio: breach}\n")
	s.Start()
	commands := sitetest.Commands(t, s.Radio, 0x03)
	events := s.Events("")
	id := s.OpenIncident()
	is := func(kind, change string) func(sitetest.Update) bool {
		return func(u sitetest.Update) bool {
			return u.Kind == "alarm" && u.Alarm.Kind == kind && u.Alarm.Change == change && u.Alarm.Late == "DAMKAR 1"
		}
	}
	first := s.Await(events, "the opening", func(u sitetest.Update) bool { return u.Kind == "opened" })
	s.Await(events, "a warning", is("warning", "raised"))
	s.Await(events, "a breach", is("breach", "raised"))
	sitetest.Expect(t, commands, "to report", "DAMKAR 1, MOHON UPDATE")
	if got := openAlarms(s); len(got) != 1 || got[0] != "breach raised" {
		t.Errorf("open: %v", got)
	}
	s.Kill()
	s.Start()
	s.Press("13")
	events = s.Events(first.ID) // from the beginning again
	raised, asked := map[string]int{}, 0
	s.Await(events, "the answer", func(u sitetest.Update) bool {
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
	if got := openAlarms(s); len(got) != 1 || got[0] != "breach answered" {
		t.Errorf("the radio closed the alarm: %v", got)
	}
	s.Post("/incidents/"+id+"/review", map[string]any{}, nil)
	s.Await(events, "the alarm's end", func(u sitetest.Update) bool { return is("breach", "seen")(u) && !u.Alarm.SeenAt.IsZero() })
	if got := openAlarms(s); len(got) != 0 {
		t.Errorf("still open: %v", got)
	}
	s.Stop()
}
