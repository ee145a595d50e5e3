package system

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestEnrolment makes a unit, binds a radio that was heard before and a device that
// sends by HTTP, and takes the latter's token away again.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	s.Print("$PKLID,00,102,1002,12,00,*69\r\n")
	deadline := time.Now().Add(20 * time.Second)
	for known := false; !known; {
		var strangers struct{ Devices []struct{ Device string } }
		s.Get("/devices/unknown", &strangers)
		for _, d := range strangers.Devices {
			known = known || d.Device == "fleetsync:102-1002"
		}
		if time.Now().After(deadline) {
			t.Fatalf("the stranger is not listed\n%s", s.Log)
		}
	}
	var unit struct{ ID string }
	s.Post("/units", map[string]string{"call_sign": "DAMKAR 2", "agency": "Damkar"}, &unit)
	s.Post("/units/"+unit.ID+"/devices", map[string]string{"device": "fleetsync:102-1002"}, nil)
	if got := s.UnitStatus("damkar-2"); got != "en_route" {
		t.Fatalf("what the radio said before it was bound: %q", got)
	}
	var device struct{ Device, Token, URL, QR string }
	s.Post("/units/damkar-2/devices", map[string]string{"app": "keypad"}, &device)
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
		if got := sendReport(s, name, c.token, c.body); got != c.want {
			t.Fatalf("%q with token %q: %d, want %d", c.body, c.token, got, c.want)
		}
	}
	await := time.Now().Add(20 * time.Second)
	for s.UnitStatus("damkar-2") != "on_scene" {
		if time.Now().After(await) {
			t.Fatalf("the report was not counted\n%s", s.Log)
		}
	}
	s.Kill() // enrolments are in the journal, not in memory
	s.Start()
	if got := sendReport(s, name, device.Token, report); got != 200 {
		t.Fatalf("after a crash: %d", got)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.Page+"/api/v1/units/damkar-2/devices/"+device.Device, nil)
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
	if got := sendReport(s, name, device.Token, report); got != 401 {
		t.Fatalf("after its release: %d", got)
	}
	if got := s.UnitStatus("damkar-2"); got != "on_scene" {
		t.Fatalf("what it said stays the unit's: %q", got)
	}
	s.Stop()
}

// sendReport sends a field report by HTTP and returns the answer's status.
func sendReport(s *sitetest.Site, device, token, body string) int {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), http.MethodPost, s.Page+"/api/v1/devices/"+device+"/report", strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
