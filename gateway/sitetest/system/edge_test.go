package system

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/kenwood"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

// fillWeek fills the journal of a gateway that does not run with what it heard in the
// week before now: every 20th a key without a time of its own.
func fillWeek(s *sitetest.Site, reports int) {
	s.T.Helper()
	clock := time.Now().Add(-7 * 24 * time.Hour)
	now := func() time.Time { return clock }
	if err := os.MkdirAll(filepath.Join(s.Dir, "data"), 0o750); err != nil {
		s.T.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	j, err := sqlite.Open(s.T.Context(), filepath.Join(s.Dir, "data", "journal.db"), sqlite.Options{Now: now, Log: log})
	if err != nil {
		s.T.Fatal(err)
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
			if err := in.Take(s.T.Context(), batch...); err != nil {
				s.T.Fatal(err)
			}
			batch = nil
		}
	}
}

// TestEdgeSiteWasAwayForAWeek: a site that could not reach the centre for a week
// delivers everything, once, though either end is killed on the way; and what its
// radio hears meanwhile is at the centre at once.
func TestEdgeSiteWasAwayForAWeek(t *testing.T) {
	t.Parallel()
	const week = 8_000
	centre := sitetest.New(t)
	url := centre.AdmitEdges("ciremai")
	away := sitetest.NewEdge(t, "ciremai", nil, url)
	fillWeek(away, week)
	away.Start()
	away.Press("12") // while the centre is not there
	down := away.AwaitLink("centre", func(l sitetest.Link) bool { return l.State == "down" })
	if !strings.Contains(down.Why, "entri menunggu sejak") {
		t.Errorf("the site's page says %q", down.Why)
	}
	centre.Start()
	delivered := func(n uint64) { centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.Frames >= n }) }
	delivered(1)
	up := centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.State == "up" && l.Why != "" })
	t.Logf("the centre's page says %q", up.Why)
	var live []string
	press := func(code string) {
		events := centre.Events("")
		away.Press(code)
		e := centre.Await(events, "key "+code, func(u sitetest.Update) bool { return u.Kind == "status" && u.Newest })
		live = append(live, e.Report)
	}
	back := func() {
		began := time.Now()
		centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.State == "up" })
		away.AwaitLink("centre", func(l sitetest.Link) bool { return l.State == "up" })
		t.Logf("found each other %v after the start", time.Since(began))
	}
	press("13")
	delivered(week / 5)
	centre.Kill()
	centre.Start()
	back()
	press("14")
	away.Kill()
	away.Start()
	back()
	press("16")
	press("17")
	for n := 0; n == 0; { // twenty seconds each, as long as it moves
		before := centre.AwaitLink("ciremai", func(sitetest.Link) bool { return true })
		now := centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.Frames > before.Frames || l.Why == "" })
		if now.State == "up" && now.Why == "" && now.Frames > 0 {
			n++
		}
	}
	away.Stop()
	centre.Stop()
	wanted, _ := away.Reports()
	got, journaledAt := centre.Reports()
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
	centre := sitetest.New(t)
	url := centre.AdmitEdges("ciremai", "careme")
	away := sitetest.NewEdge(t, "ciremai", nil, url)
	centre.Start()
	away.Start()
	centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.State == "up" })
	events := centre.Events("")
	centre.Press("13")
	away.Press("13")
	// A delivery whose answer was not read in time is made again.
	centre.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.Frames >= 1 })
	e := centre.Await(events, "the key", func(u sitetest.Update) bool { return u.Kind == "status" })
	var seen struct {
		Heard []devices.Hearing `json:"heard"`
	}
	for deadline := time.Now().Add(20 * time.Second); len(seen.Heard) < 2 && time.Now().Before(deadline); {
		centre.Get("/reports/"+e.Report, &seen)
	}
	heard := map[string]bool{}
	for _, h := range seen.Heard {
		heard[h.Link+" "+h.Via] = true
	}
	if len(heard) != 2 || !heard["roof "] || !heard["ciremai roof"] {
		t.Errorf("heard by %v", seen.Heard)
	}
	if status := sitetest.PostAs(t, away.Page+"/api/v1/incidents", `{"category":"fire","location":{"lat":-6.8,"lon":108.2}}`, ""); status != 409 {
		t.Errorf("an act at the site: %d", status)
	}
	for _, who := range []string{"", "ciremai:salah", "careme:rahasia situs"} {
		if status := sitetest.PostAs(t, url+"/api/v1/edges/ciremai/records", `{}`, who); status != 401 {
			t.Errorf("delivery by %q: %d", who, status)
		}
	}
}
