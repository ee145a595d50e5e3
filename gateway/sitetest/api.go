package sitetest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Link is what the tests read of a link.
type Link struct {
	ID         string     `json:"id"`
	State      string     `json:"state"`
	Why        string     `json:"why"`
	Frames     uint64     `json:"frames"`
	Errors     uint64     `json:"errors"`
	Duplicates uint64     `json:"duplicates"`
	LastHeard  *time.Time `json:"last_heard"`
	LastError  string     `json:"last_error"`
}

// AwaitLink asks for the links until the named one fits.
func (s *Site) AwaitLink(id string, fits func(Link) bool) Link {
	s.T.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last []Link
	for {
		var answer struct{ Links []Link }
		// A gateway that begins anew is away for a moment.
		if resp, err := http.Get(s.Page + "/api/v1/links"); err == nil {
			err = json.NewDecoder(resp.Body).Decode(&answer)
			resp.Body.Close()
			if err != nil && resp.StatusCode == http.StatusOK {
				s.T.Fatalf("GET /links: %v", err)
			}
		}
		for _, l := range answer.Links {
			if l.ID == id && fits(l) {
				return l
			}
		}
		last = answer.Links
		select {
		case <-tick.C:
		case <-deadline:
			s.T.Fatalf("link %s: %+v\n%s", id, last, s.Log)
		}
	}
}

// Get reads an answer.
func (s *Site) Get(path string, answer any) {
	s.T.Helper()
	resp, err := http.Get(s.Page + "/api/v1" + path)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		s.T.Fatalf("GET %s: %s %v", path, resp.Status, err)
	}
}

// Post sends an act and decodes the answer.
func (s *Site) Post(path string, body any, answer any) {
	s.T.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		s.T.Fatal(err)
	}
	resp, err := http.Post(s.Page+"/api/v1"+path, "application/json", bytes.NewReader(payload))
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		s.T.Fatalf("POST %s: %s %s", path, resp.Status, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			s.T.Fatal(err)
		}
	}
}

// OpenIncident opens an incident and sends the radio unit to it.
func (s *Site) OpenIncident() (incident string) {
	s.T.Helper()
	var in struct {
		ID string `json:"id"`
	}
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	return in.ID
}

// PostAs posts something as somebody and returns the status of the answer.
func PostAs(t *testing.T, url, body, who string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if name, secret, has := strings.Cut(who, ":"); has {
		req.SetBasicAuth(name, secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// SignIn sends the sign-in form and returns the session's cookie.
func (s *Site) SignIn(name, secret string) string {
	s.T.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(s.Page+"/signin", url.Values{"name": {name}, "password": {secret}})
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		s.T.Fatalf("%s is not signed in: %d", name, resp.StatusCode)
	}
	return resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
}

// UnitStatus is a unit's status as the API tells it.
func (s *Site) UnitStatus(unit string) string {
	s.T.Helper()
	var list struct {
		Features []struct {
			ID         string
			Properties struct{ Status string }
		}
	}
	s.Get("/units", &list)
	for _, f := range list.Features {
		if f.ID == unit {
			return f.Properties.Status
		}
	}
	return ""
}

// Metric reads one of the gateway's metrics.
func (s *Site) Metric(name string) float64 {
	s.T.Helper()
	resp, err := http.Get(s.Page + "/metrics")
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				s.T.Fatal(err)
			}
			return v
		}
	}
	s.T.Fatalf("no metric %s", name)
	return 0
}
