package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/account/password"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// newEdgeSite is a gateway at a remote site, with the password under which the centre
// knows it.
func newEdgeSite(t *testing.T, name string, phones []string, centres ...string) *site {
	t.Helper()
	s := newSite(t, phones...)
	if err := os.WriteFile(filepath.Join(s.dir, "site-password"), []byte("rahasia situs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.configure(fmt.Sprintf("role: edge\nedge: {site: %s, password_file: site-password, centres: [%s], backlog_per_second: 2000}\n", name, strings.Join(centres, ", ")))
	return s
}

// admit lets edge sites deliver to a gateway that listens on a port of its own.
func (s *site) admit(names ...string) (url string) {
	s.t.Helper()
	users := ""
	for _, name := range names {
		users += name + ":" + password.Hash([]byte("rahasia situs")) + ":edge\n"
	}
	if err := os.WriteFile(filepath.Join(s.dir, "users"), []byte(users), 0o600); err != nil {
		s.t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(s.t.(*testing.T)))
	s.replaceConfig(`http: {listen: "127.0.0.1:0"}`, fmt.Sprintf("http: {listen: %q}", addr))
	return "http://" + addr
}

// aWeek fills the journal of a gateway that does not run with what it heard in the
// week before now: every 20th a key without a time of its own.
func (s *site) aWeek(reports int) {
	s.t.Helper()
	clock := time.Now().Add(-7 * 24 * time.Hour)
	now := func() time.Time { return clock }
	if err := os.MkdirAll(filepath.Join(s.dir, "data"), 0o750); err != nil {
		s.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(s.t.Context(), filepath.Join(s.dir, "data", "journal.db"), sqlite.Options{Now: now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	defer j.Close()
	in := intake.New(j, intake.Options{Codebook: devices.DefaultCodebook(), Now: now, Log: log})
	var batch []intake.Heard
	for i := range reports {
		clock = clock.Add(7 * 24 * time.Hour / time.Duration(reports+1))
		raw := []byte(fmt.Sprintf(`{"text":"%d"}`, i))
		h := intake.Heard{Link: "roof", Frame: devices.Frame{Raw: raw, Report: devices.Report{
			Protocol: devices.FieldJSON, Kind: devices.KindMessage, Device: "field:lama", Text: fmt.Sprint(i), DeviceTime: clock, ReceivedAt: clock,
		}}}
		if i%20 == 0 {
			h.Raw = []byte("$PKLID,00,100,1001,13,00,*69")
			h.Report, h.Err = kenwood.NewDecoder().Decode(h.Raw)
			h.Report.ReceivedAt = clock
		}
		if batch = append(batch, h); len(batch) == 500 || i == reports-1 {
			if err := in.Take(s.t.Context(), batch...); err != nil {
				s.t.Fatal(err)
			}
			batch = nil
		}
	}
}

// stored reads the reports of a gateway's journal, also while it runs.
func (s *site) stored() (all []devices.Report, journaledAt map[string]time.Time) {
	s.t.Helper()
	j, err := sqlite.OpenToRead(s.t.Context(), filepath.Join(s.dir, "data", "journal.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer j.Close()
	journaledAt = map[string]time.Time{}
	for e, err := range j.Entries(s.t.Context()) {
		if err != nil {
			s.t.Fatal(err)
		}
		if e.Kind != journal.KindReport {
			continue
		}
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			s.t.Fatal(err)
		}
		if _, twice := journaledAt[r.ID]; twice {
			s.t.Fatalf("report %s is there twice", r.ID)
		}
		all, journaledAt[r.ID] = append(all, r), e.JournaledAt
	}
	return all, journaledAt
}

// TestEdgeSiteWasAwayForAWeek: a site that could not reach the centre for a week
// delivers everything, once, though either end is killed on the way; and what its
// radio hears meanwhile is at the centre at once.
func TestEdgeSiteWasAwayForAWeek(t *testing.T) {
	t.Parallel()
	const week = 8_000
	centre := newSite(t)
	url := centre.admit("ciremai")
	away := newEdgeSite(t, "ciremai", nil, url)
	away.aWeek(week)
	away.start()
	away.press("12") // while the centre is not there
	down := away.awaitLink("centre", func(l linkView) bool { return l.State == "down" })
	if !strings.Contains(down.Why, "entri menunggu sejak") {
		t.Errorf("the site's page says %q", down.Why)
	}
	centre.start()
	delivered := func(n uint64) { centre.awaitLink("ciremai", func(l linkView) bool { return l.Frames >= n }) }
	delivered(1)
	up := centre.awaitLink("ciremai", func(l linkView) bool { return l.State == "up" && l.Why != "" })
	t.Logf("the centre's page says %q", up.Why)
	var live []string
	press := func(code string) {
		events := centre.events("")
		away.press(code)
		e := centre.await(events, "key "+code, func(u update) bool { return u.Kind == "status" && u.Newest })
		live = append(live, e.Report)
	}
	back := func() {
		began := time.Now()
		centre.awaitLink("ciremai", func(l linkView) bool { return l.State == "up" })
		away.awaitLink("centre", func(l linkView) bool { return l.State == "up" })
		t.Logf("found each other %v after the start", time.Since(began))
	}
	press("13")
	delivered(week / 5)
	centre.kill()
	centre.start()
	back()
	press("14")
	away.kill()
	away.start()
	back()
	press("16")
	press("17")
	for n := 0; n == 0; { // twenty seconds each, as long as it moves
		before := centre.awaitLink("ciremai", func(linkView) bool { return true })
		now := centre.awaitLink("ciremai", func(l linkView) bool { return l.Frames > before.Frames || l.Why == "" })
		if now.State == "up" && now.Why == "" && now.Frames > 0 {
			n++
		}
	}
	away.stop()
	centre.stop()
	wanted, _ := away.stored()
	got, journaledAt := centre.stored()
	var want []string
	for _, r := range wanted {
		want = append(want, r.ID)
		if journaledAt[r.ID].IsZero() {
			t.Errorf("report %s of %s is not at the centre", r.ID, r.ReceivedAt)
		}
	}
	if len(want) != week+5 || len(got) != len(want) {
		t.Fatalf("%d reports at the site, %d at the centre", len(want), len(got))
	}
	var latencies []time.Duration
	for _, r := range got {
		if r.Site != "ciremai" || r.Link != "ciremai" || r.Via != "roof" || r.ArrivedAt.Before(r.ReceivedAt) {
			t.Fatalf("%+v", r)
		}
		if slices.Contains(live, r.ID) {
			latencies = append(latencies, journaledAt[r.ID].Sub(r.ReceivedAt))
		}
	}
	t.Logf("from the site's radio to the centre's journal during the flood: %v", latencies)
	if slowest := slices.Max(latencies); len(latencies) != 4 || slowest > 5*time.Second {
		t.Errorf("%d keys pressed during the flood took %v", len(latencies), latencies)
	}
}

// TestEdgeSiteHearsWhatTheCentreHears: one burst at both is one report; an act at the
// site is refused, and so is a site with a wrong password.
func TestEdgeSiteHearsWhatTheCentreHears(t *testing.T) {
	t.Parallel()
	centre := newSite(t)
	url := centre.admit("ciremai", "careme")
	away := newEdgeSite(t, "ciremai", nil, url)
	centre.start()
	away.start()
	centre.awaitLink("ciremai", func(l linkView) bool { return l.State == "up" })
	events := centre.events("")
	centre.press("13")
	away.press("13")
	// A delivery whose answer was not read in time is made again.
	centre.awaitLink("ciremai", func(l linkView) bool { return l.Frames >= 1 })
	e := centre.await(events, "the key", func(u update) bool { return u.Kind == "status" })
	var seen struct {
		Heard []devices.Hearing `json:"heard"`
	}
	for deadline := time.Now().Add(20 * time.Second); len(seen.Heard) < 2 && time.Now().Before(deadline); {
		centre.get("/reports/"+e.Report, &seen)
	}
	heard := map[string]bool{}
	for _, h := range seen.Heard {
		heard[h.Link+" "+h.Via] = true
	}
	if len(heard) != 2 || !heard["roof "] || !heard["ciremai roof"] {
		t.Errorf("heard by %v", seen.Heard)
	}
	if status := refusal(t, away.page+"/api/v1/incidents", `{"category":"fire","location":{"lat":-6.8,"lon":108.2}}`, ""); status != 409 {
		t.Errorf("an act at the site: %d", status)
	}
	for _, who := range []string{"", "ciremai:salah", "careme:rahasia situs"} {
		if status := refusal(t, url+"/api/v1/edges/ciremai/records", `{}`, who); status != 401 {
			t.Errorf("delivery by %q: %d", who, status)
		}
	}
}

// refusal posts something as somebody and returns the status of the answer.
func refusal(t *testing.T, url, body, who string) int {
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
