package system

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"htgateway/gateway/sitetest"
)

func TestKeyOnPtyBecomesAnArrival(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	events := s.Events("")
	id := s.OpenIncident()
	for _, noise := range []string{"\xff\x00garbage", "\x02I11002", "$PKLID,00,102,1001,13,00,*00\r\n"} {
		if _, err := s.Radio.WriteString(noise); err != nil {
			t.Fatal(err)
		}
	}
	s.Press("13")
	arrival := s.Await(events, "arrival by key", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	if arrival.Milestone.Evidence != "key" || arrival.Milestone.Report == "" || arrival.Unit != "damkar-1" {
		t.Fatalf("%+v", arrival)
	}
	resp, err := http.Get(s.Page + "/api/v1/incidents/" + id)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var in struct {
		Status string `json:"status"`
		Clocks []struct{ Clock, State string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&in); err != nil {
		t.Fatal(err)
	}
	if in.Status != "on_scene" || !slices.Contains(in.Clocks, struct{ Clock, State string }{"on_scene_update", "met"}) {
		t.Fatalf("%+v", in)
	}
	s.Stop()
}

func TestEventStreamResumesAfterARestart(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	events := s.Events("")
	s.OpenIncident()
	s.Press("12")
	seen := s.Await(events, "en route", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "en_route" })
	s.Press("13")
	s.Await(events, "arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.Kill()
	s.Start()
	again := s.Events(seen.ID)
	s.Await(again, "arrival again", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.Stop()
}
