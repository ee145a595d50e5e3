package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pub posts a payload as OwnTracks in HTTP mode does.
func (s *site) pub(user, device, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.page+"/pub", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, phonePassword)
	req.Header.Set("X-Limit-U", user)
	req.Header.Set("X-Limit-D", device)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestPhoneOverHTTPSurvivesAKill: what was answered with 200 is in the journal once,
// also when the phone posts it again after the gateway was killed.
func TestPhoneOverHTTPSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := newSite(t, "andi")
	s.start()
	body := `{"_type":"location","_id":"05b6f5bf","lat":-6.8364,"lon":108.2274,"acc":8,"batt":62,"tst":` + unixNow() + `,"topic":"owntracks/andi/phone"}`
	if code, answer := s.pub("andi", "phone", body); code != http.StatusOK || answer != "[]" {
		t.Fatalf("%d %s", code, answer)
	}
	if code, _ := s.pub("andi", "phone", strings.Replace(body, "andi", "budi", 1)); code != http.StatusForbidden {
		t.Errorf("another's topic: %d", code)
	}
	s.kill()
	s.start()
	if code, _ := s.pub("andi", "phone", body); code != http.StatusOK {
		t.Errorf("posted again: %d", code)
	}
	s.awaitLink("http", func(l linkView) bool { return l.Frames == 1 && l.Duplicates == 1 })
	var units struct {
		Features []struct {
			ID         string
			Properties struct {
				Stale bool `json:"stale"`
				Link  string
			}
		}
	}
	s.get("/units", &units)
	for _, f := range units.Features {
		if f.ID == "andi" && (f.Properties.Stale || f.Properties.Link != "http") {
			t.Errorf("%+v", f)
		}
	}
	s.stop()
}

func unixNow() string { return strconv.FormatInt(time.Now().Unix(), 10) }
