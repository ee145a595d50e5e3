package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

func TestKeyOnPtyBecomesAnArrival(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	events := s.events("")
	id := s.reach()
	for _, noise := range []string{"\xff\x00garbage", "\x02I11002", "$PKLID,00,102,1001,13,00,*00\r\n"} {
		if _, err := s.radio.WriteString(noise); err != nil {
			t.Fatal(err)
		}
	}
	s.press("13")
	arrival := s.await(events, "arrival by key", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	if arrival.Milestone.Evidence != "key" || arrival.Milestone.Report == "" || arrival.Unit != "damkar-1" {
		t.Fatalf("%+v", arrival)
	}
	resp, err := http.Get(s.page + "/api/v1/incidents/" + id)
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
	s.stop()
}

func TestEventStreamResumesAfterARestart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	events := s.events("")
	s.reach()
	s.press("12")
	seen := s.await(events, "en route", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "en_route" })
	s.press("13")
	s.await(events, "arrival", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.kill()
	s.start()
	again := s.events(seen.id)
	s.await(again, "arrival again", func(u update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.stop()
}
