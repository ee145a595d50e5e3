package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEnrolment makes a unit, binds a radio that was heard before and a device that
// sends by HTTP, and takes the latter's token away again.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.start()
	s.say("$PKLID,00,102,1002,12,00,*69\r\n")
	deadline := time.Now().Add(20 * time.Second)
	for known := false; !known; {
		var strangers struct{ Devices []struct{ Device string } }
		s.get("/devices/unknown", &strangers)
		for _, d := range strangers.Devices {
			known = known || d.Device == "fleetsync:102-1002"
		}
		if time.Now().After(deadline) {
			t.Fatalf("the stranger is not listed\n%s", s.log)
		}
	}
	var unit struct{ ID string }
	s.post("/units", map[string]string{"call_sign": "DAMKAR 2", "agency": "Damkar"}, &unit)
	s.post("/units/"+unit.ID+"/devices", map[string]string{"device": "fleetsync:102-1002"}, nil)
	if got := s.statusOf("damkar-2"); got != "en_route" {
		t.Fatalf("what the radio said before it was bound: %q", got)
	}
	var device struct{ Device, Token, URL, QR string }
	s.post("/units/damkar-2/devices", map[string]string{"app": "keypad"}, &device)
	if device.Token == "" || !strings.HasPrefix(device.QR, "data:image/svg+xml;base64,") {
		t.Fatalf("%+v", device)
	}
	name := strings.TrimPrefix(device.Device, "field:")
	report := `{"time":"` + time.Now().UTC().Format(time.RFC3339Nano) + `","status":"on_scene","seq":1}`
	for _, c := range []struct {
		token, body string
		want        int
	}{
		{"", report, 401}, {"wrong", report, 401}, {device.Token, "{}", 422}, {device.Token, report, 200}, {device.Token, report, 200},
	} {
		if got := s.report(name, c.token, c.body); got != c.want {
			t.Fatalf("%q with token %q: %d, want %d", c.body, c.token, got, c.want)
		}
	}
	await := time.Now().Add(20 * time.Second)
	for s.statusOf("damkar-2") != "on_scene" {
		if time.Now().After(await) {
			t.Fatalf("the report was not counted\n%s", s.log)
		}
	}
	s.kill() // enrolments are in the journal, not in memory
	s.start()
	if got := s.report(name, device.Token, report); got != 200 {
		t.Fatalf("after a crash: %d", got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.page+"/api/v1/units/damkar-2/devices/"+device.Device, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("release: %s", resp.Status)
	}
	if got := s.report(name, device.Token, report); got != 401 {
		t.Fatalf("after its release: %d", got)
	}
	if got := s.statusOf("damkar-2"); got != "on_scene" {
		t.Fatalf("what it said stays the unit's: %q", got)
	}
	s.stop()
}

// statusOf is a unit's status as the API tells it.
func (s *site) statusOf(unit string) string {
	s.t.Helper()
	var list struct {
		Features []struct {
			ID         string
			Properties struct{ Status string }
		}
	}
	s.get("/units", &list)
	for _, f := range list.Features {
		if f.ID == unit {
			return f.Properties.Status
		}
	}
	return ""
}

// report sends a field report by HTTP and returns the answer's status.
func (s *site) report(device, token, body string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.page+"/api/v1/devices/"+device+"/report", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
