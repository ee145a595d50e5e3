package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// acts are the routes that bring something; {in} is an incident that is open, with a
// unit on it.
var acts = []string{
	"/incidents", "/incidents/{in}/dispatch", "/incidents/{in}/review", "/incidents/{in}/notes", "/incidents/{in}/milestones",
	"/incidents/{in}/close", "/incidents/{in}/release", "/incidents/{in}/cancel", "/incidents/{in}/reopen", "/incidents/{in}/relocate",
	"/incidents/{in}/merge", "/incidents/{in}/erase", "/alerts/x/acknowledge", "/units/damkar-1/messages", "/units", "/units/damkar-1/devices",
}

// ask calls the handler itself.
func (o *office) ask(t *testing.T, method, path, body string, headers ...string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1/", strings.NewReader(body))
	u, err := url.ParseRequestURI(path)
	if err != nil {
		t.Skip("no URL")
	}
	r.URL = u
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	o.handler.ServeHTTP(w, r)
	return w.Code, sound(t, method+" "+path, w)
}

// sound holds an answer to what every answer is: done, or a problem in words; never
// the gateway's own failure.
func sound(t *testing.T, what string, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	text, kind := w.Body.Bytes(), w.Header().Get("Content-Type")
	var out map[string]any
	switch {
	case w.Code >= 500:
		t.Fatalf("%s: %d %s", what, w.Code, text)
	case w.Code >= 400:
		if err := json.Unmarshal(text, &out); err != nil || kind != "application/problem+json" {
			t.Fatalf("%s: %d is no problem details (%v): %s", what, w.Code, err, text)
		}
		if detail, _ := out["detail"].(string); out["status"] != float64(w.Code) || strings.TrimSpace(detail) == "" {
			t.Fatalf("%s: %d says nothing: %s", what, w.Code, text)
		}
	case kind == "application/json":
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatalf("%s: %d is not JSON (%v): %s", what, w.Code, err, text)
		}
		if place, has := out["location"].(map[string]any); has {
			lat, _ := place["lat"].(float64)
			lon, _ := place["lon"].(float64)
			if !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180) {
				t.Fatalf("%s: a place nowhere on earth: %s", what, text)
			}
		}
	}
	return out
}

// lines hands over each line of a file.
func lines(f *testing.F, path string, each func(line []byte)) {
	f.Helper()
	file, err := os.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		each(s.Bytes())
	}
}

// FuzzActs: bodies of everything that dispatchers' pages and programs send.
func FuzzActs(f *testing.F) {
	o := newOffice(f, "")
	f.Add(byte(0), fire)
	for _, body := range []string{
		`{"units":["damkar-1"]}`, `{}`, `{"text":"x"}`, `{"milestone":"on_scene","unit":"damkar-1","at":"2026-11-23T09:15:00+07:00","reason":"x"}`,
		`{"reason":"x"}`, `{"units":["damkar-1"],"reason":"x"}`, `{"reason":"x"}`, `{"reason":"x"}`, `{"location":{"lat":-6.8,"lon":108.2},"reason":"x"}`,
		`{"into":"x","reason":"x"}`, `{"reason":"x"}`, `{"reason":"x"}`, `{"text":"x","expires_s":60}`, `{"call_sign":"PMI 1","agency":"PMI"}`, `{"device":"aprs:YB1ZZZ-9"}`,
	} {
		for route := range acts {
			f.Add(byte(route), body)
		}
	}
	f.Add(byte(15), `{"app":"keypad"}`)
	// What could not be written as JSON, and what ran over.
	f.Add(byte(0), `{"category":"fire","received_at":"0000-01-01T00:00:00+23:59"}`)
	f.Add(byte(4), `{"milestone":"on_scene","unit":"damkar-1","at":"0000-01-01T00:00:00+23:59","reason":"x"}`)
	f.Add(byte(13), `{"text":"x","expires_s":18446744084}`)
	lines(f, "../../inbound/desk/testdata/requests.jsonl", func(line []byte) {
		var c struct{ Request json.RawMessage }
		if err := json.Unmarshal(line, &c); err != nil {
			f.Fatal(err)
		}
		f.Add(byte(0), string(c.Request))
	})
	var steps []struct{ Path, Body string }
	text, err := os.ReadFile("testdata/acts.json")
	if err == nil {
		err = json.Unmarshal(text, &steps)
	}
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range steps {
		for route, path := range acts {
			if path[strings.LastIndex(path, "/"):] == s.Path[strings.LastIndex(s.Path, "/"):] {
				f.Add(byte(route), s.Body)
			}
		}
	}
	var asked atomic.Int64
	base := ""
	f.Fuzz(func(t *testing.T, route byte, body string) {
		if _, in := o.ask(t, "GET", "/api/v1/incidents/"+base, ""); in["status"] != "received" && in["status"] != "dispatched" {
			_, in = o.ask(t, "POST", "/api/v1/incidents", fire)
			base = in["id"].(string)
			o.ask(t, "POST", "/api/v1/incidents/"+base+"/dispatch", `{"units":["damkar-1"]}`)
		}
		path := strings.ReplaceAll(acts[int(route)%len(acts)], "{in}", base)
		key := fmt.Sprint("fuzz ", asked.Add(1))
		status, in := o.ask(t, "POST", "/api/v1"+path, body, "Idempotency-Key", key)
		if path != "/incidents" && path != "/units" {
			return
		}
		if again, same := o.ask(t, "POST", "/api/v1"+path, body, "Idempotency-Key", key); again != status || same["id"] != in["id"] {
			t.Fatalf("asked again: %d %v, not %d %v", again, same["id"], status, in["id"])
		}
	})
}

// FuzzQueries: what stands in the address of a request.
func FuzzQueries(f *testing.F) {
	o := newOffice(f, "")
	o.call("POST", "/api/v1/incidents", fire)
	paths := []string{
		"/units", "/units/damkar-1/track", "/incidents", "/telemetry/intervals", "/telemetry/report", "/telemetry/dead-letters", "/messages",
		"/alerts", "/alarms", "/devices", "/devices/unknown", "/links", "/replay", "/places", "/setup", "/session", "/reports/r1", "/incidents/x/record",
	}
	for i := range paths {
		for _, q := range []string{
			"", "from=2026-11-23&to=2026-11-24", "q=alun", "limit=5&cursor=x", "by=category&raw=true&format=csv", "incident=x", "status=open&unit=damkar-1",
			"from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z", "compare_from=2026-11-01&compare_to=2026-11-02&from=2026-11-03&to=2026-11-04&by=unit", "speed=1e309", "limit=-1",
		} {
			f.Add(byte(i), q)
		}
	}
	f.Fuzz(func(t *testing.T, path byte, query string) {
		at := "/api/v1" + paths[int(path)%len(paths)] + "?" + query
		first, _ := o.ask(t, http.MethodGet, at, "")
		if again, _ := o.ask(t, http.MethodGet, at, ""); again != first {
			t.Fatalf("asked again: %d, not %d", again, first)
		}
	})
}
