package system

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
	"htgateway/telemetry/influx/influxtest"
)

// The caller, and what must be found in no file of the gateway after the erasure.
const erasedCaller = "Bu Aminah Kertajati 0812-3456-7890"

var erasedWords = []string{"Aminah", "AMINAH", "aminah", "Kertajati", "0812-3456-7890", "081234567890", "PAGAR MERAH"}

// named is a site where people, a CAD and the units' messages have named a caller in every
// place where they can.
func named(t *testing.T, s *sitetest.Site) (call string) {
	t.Helper()
	type opened struct{ ID, Number string }
	place := map[string]float64{"lat": -6.836, "lon": 108.227}
	var first, second, survivor opened
	s.Post("/incidents", map[string]any{"category": "fire", "location": place, "caller": erasedCaller, "external_id": "C-1", "address": "rumah Bu Aminah, Jl. Siliwangi", "description": "telp 0812 3456 7890"}, &first)
	s.Post("/incidents", map[string]any{"category": "fire", "location": place, "caller": "Pak Dedi"}, &second)
	s.Post("/incidents", map[string]any{"category": "fire", "location": place}, &survivor)
	folder := filepath.Join(s.Dir, "cad")
	drop(t, folder, "1.json", `[{"category":"health","caller":"Pak Joko"},{"category":"fire","external_id":"C-1","caller":"Bu Aminah Kertajati","description":"dekat rumah Aminah"}]`)
	drop(t, folder, "2.json", `{"category":"naga","caller":"Bu \u0041minah Kertajati"}`)
	for _, file := range []string{"done/1.json", "refused/2.json.reason"} {
		for deadline := time.Now().Add(20 * time.Second); !exists(folder, file); {
			if time.Now().After(deadline) {
				t.Fatalf("%s was not taken\n%s", file, s.Log)
			}
			var any struct{}
			s.Get("/incidents", &any) // it takes a while
		}
	}
	post := func(in opened, act string, body map[string]any) { s.Post("/incidents/"+in.ID+"/"+act, body, nil) }
	units := map[string]any{"units": []string{"damkar-1"}, "reason": "Aminah needs nobody"}
	post(first, "dispatch", map[string]any{"units": []string{"damkar-1"}})
	s.Post("/units/damkar-1/messages", map[string]any{"text": "RUMAH PAGAR MERAH", "expires_s": 3600}, nil)
	events := s.Events("0")
	s.Press("13")
	s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	now := time.Now().UTC().Truncate(time.Second)
	for n := range 2 {
		post(first, "milestones", map[string]any{"unit": "damkar-1", "milestone": "on_scene", "at": now.Add(time.Duration(n) * time.Millisecond), "reason": fmt.Sprint("kata aminah ", n), "confirm": true})
	}
	post(first, "relocate", map[string]any{"location": place, "reason": "Aminah menunjuk"})
	post(first, "release", units)
	post(second, "merge", map[string]any{"into": first.ID, "reason": "tetangga AMINAH"})
	post(first, "merge", map[string]any{"into": survivor.ID, "reason": erasedCaller + " menelepon lagi"})
	post(first, "reopen", map[string]any{"reason": "kata Bu Aminah"})
	post(first, "merge", map[string]any{"into": survivor.ID, "reason": "kata Bu Aminah"})
	post(survivor, "notes", map[string]any{"text": "AMINAH menelepon lagi dari 081234567890"})
	post(survivor, "dispatch", map[string]any{"units": []string{"damkar-1"}})
	s.Post("/units/damkar-1/messages", map[string]any{"text": "PAGAR MERAH DEKAT MASJID", "expires_s": 3600}, nil)
	post(survivor, "cancel", map[string]any{"reason": "kata aminah"})
	s.Post("/units/damkar-1/messages", map[string]any{"text": "HUBUNGI AMINAH BESOK", "expires_s": 3600}, nil)
	return first.Number
}

func foundIn(t *testing.T, s *sitetest.Site) (out []string) {
	t.Helper()
	for _, dir := range []string{"data", "cad"} {
		for _, word := range erasedWords {
			for _, file := range sitetest.FilesHolding(t, filepath.Join(s.Dir, dir), word) {
				out = append(out, file+" holds "+word)
			}
		}
	}
	return out
}

// TestErasureReachesEverything: asked over the API by the incident's number, after it no
// file of the data folder or of the CAD's holds a name or number of the caller, while the
// gateway runs, once it has stopped or was killed, and after it ran again; with the series
// in SQLite and in InfluxDB.
func TestErasureReachesEverything(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		store string
		end   func(*sitetest.Site)
	}{{"sqlite", (*sitetest.Site).Stop}, {"sqlite", (*sitetest.Site).Kill}, {"influx", (*sitetest.Site).Stop}} {
		t.Run(c.store, func(t *testing.T) {
			t.Parallel()
			s := erasureSite(t)
			var series string
			if c.store == "influx" {
				db := influxtest.Start(t)
				bucket := db.Bucket(t)
				s.Configure(fmt.Sprintf("telemetry: {store: influx, influx: {url: %q, org: o, bucket: %q}}\n", db.URL, bucket))
				series = db.URL + "/query?db=" + strings.TrimSuffix(bucket, "/autogen") + "&q=" + "SELECT+*+FROM+/.*/"
			}
			s.Start()
			number := named(t, s)
			if found := foundIn(t, s); len(found) < len(erasedWords) {
				t.Fatalf("only %v: the test proves nothing", found)
			}
			s.Post("/incidents/"+number+"/erase", map[string]string{"reason": "diminta pelapor"}, nil)
			if found := foundIn(t, s); len(found) > 0 {
				t.Errorf("while it runs: %s", strings.Join(found, "\n"))
			}
			if series != "" {
				text := ""
				for tick := time.NewTicker(50 * time.Millisecond); !strings.Contains(text, "on_scene"); <-tick.C { // the series comes after
					if t.Context().Err() != nil {
						t.Fatalf("the series has no arrival: %s", text)
					}
					resp, err := http.Get(series)
					if err != nil {
						t.Fatal(err)
					}
					b, err := io.ReadAll(resp.Body)
					if text = string(b); errors.Join(err, resp.Body.Close()) != nil {
						t.Fatal(err)
					}
				}
				for _, word := range erasedWords {
					if strings.Contains(text, word) {
						t.Errorf("the series hold %s: %s", word, text)
					}
				}
			}
			c.end(s)
			if found := foundIn(t, s); len(found) > 0 {
				t.Errorf("when it has ended: %s", strings.Join(found, "\n"))
			}
			s.Start()
			s.Stop()
			if found := foundIn(t, s); len(found) > 0 {
				t.Errorf("after it ran again: %s", strings.Join(found, "\n"))
			}
			if len(sitetest.FilesHolding(t, filepath.Join(s.Dir, "data"), "Pak Dedi")) == 0 || len(sitetest.FilesHolding(t, filepath.Join(s.Dir, "cad"), "Pak Joko")) == 0 {
				t.Error("the other callers are gone too")
			}
		})
	}
}

// TestErasureSurvivesKill: killed at whatever moment of it, an erasure that the journal has
// is finished at the next start.
func TestErasureSurvivesKill(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 3 * time.Millisecond, 10 * time.Millisecond, 30 * time.Millisecond, 80 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			s := erasureSite(t)
			s.Start()
			number := named(t, s)
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				resp, err := http.Post(s.Page+"/api/v1/incidents/"+number+"/erase", "application/json", strings.NewReader(`{"reason":"diminta"}`))
				if err == nil {
					_ = resp.Body.Close()
				}
			}()
			<-time.After(after)
			s.Kill()
			<-asked
			s.Start()
			var list struct {
				Incidents []struct {
					Number   string
					ErasedAt time.Time `json:"caller_erased_at"`
				}
			}
			s.Get("/incidents", &list)
			for _, in := range list.Incidents {
				if in.Number == number && in.ErasedAt.IsZero() { // killed before the journal had it
					s.Post("/incidents/"+number+"/erase", map[string]string{"reason": "diminta"}, nil)
				}
			}
			for _, word := range erasedWords {
				awaitForgotten(s, word)
			}
			s.Stop()
			if found := foundIn(t, s); len(found) > 0 {
				t.Errorf("%s", strings.Join(found, "\n"))
			}
		})
	}
}

// erasureSite has a CAD's folder, a radio that shows texts, and a webhook that refuses all.
func erasureSite(t *testing.T) *sitetest.Site {
	t.Helper()
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnprocessableEntity) }))
	t.Cleanup(refuses.Close)
	s := sitetest.New(t)
	s.AllowTransmit("roof")
	s.WriteFile("webhook-secret", "rahasia dinas yang panjang\n")
	s.Configure(fmt.Sprintf("cad: {folder: cad, poll: 100ms, settle: 0s}\nwebhooks:\n  - {id: dinas, url: %q, secret_file: webhook-secret}\n", refuses.URL))
	if err := os.Mkdir(filepath.Join(s.Dir, "cad"), 0o750); err != nil {
		t.Fatal(err)
	}
	return s
}
