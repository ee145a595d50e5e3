package faults

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
	"htgateway/geo"
)

// TestPlacesAreForgottenThoughKilled: a gateway that begins to forget where a phone was
// weeks ago is killed in the middle of it, and finishes at the next start. Every entry is
// still there, the newest with its place, and what is made anew of the journal is what
// the gateway had by then.
func TestPlacesAreForgottenThoughKilled(t *testing.T) {
	t.Parallel()
	const fixes, mark = 8000, "RAHASIA"
	s := sitetest.New(t, "andi")
	path := filepath.Join(s.Dir, "data", datadir.Journal)
	if err := os.Mkdir(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	ago := time.Now().UTC().Add(-40 * 24 * time.Hour).Truncate(time.Second)
	now := ago
	j, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	take := func(n int, at time.Time, raw string) journal.Record {
		r := devices.Report{
			ID: fmt.Sprint("r", n), Protocol: devices.FieldJSON, Kind: devices.KindPosition, Device: "field:andi", Link: "mqtt", ReceivedAt: at, DeviceTime: at,
			Fix: &geo.Fix{Point: orb.Point{108.2, -6.8 - float64(n)/1e6}, Time: at},
		}
		r.Raw, r.To = []byte(raw), raw // To stands as it is written, Raw in base64
		rec, err := journal.NewRecord(journal.KindReport, r.ID, at, &r)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	var batch []journal.Record
	for n := range fixes {
		if batch = append(batch, take(n, ago.Add(time.Duration(n)*time.Second), mark)); len(batch) == 1000 {
			if _, err := j.Append(t.Context(), batch...); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	now = time.Now().UTC()
	if _, err := j.Append(t.Context(), take(fixes, now, "the newest")); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := withoutBodies(t, path, fixes+1)
	s.Start()
	s.Stop()
	s.Configure("retention: {fixes: 168h, journal_fixes: 168h}\n")
	s.Launch("msg=serving")
	for done := 0; done == 0; {
		_, done = withoutBodies(t, path, fixes+1)
		if done == fixes {
			t.Fatal("all was forgotten before the gateway could be killed")
		}
	}
	s.Kill()
	after, done := withoutBodies(t, path, fixes+1)
	t.Logf("killed when %d of %d were forgotten", done, fixes)
	if after != before {
		t.Error("after the kill the journal has other entries")
	}
	const sign = "places forgotten in the journal"
	s.Launch(sign)
	s.AwaitReady()
	s.Stop()
	// Points that the series had not written yet when the job came by go the next time.
	s.Launch(sign)
	s.AwaitReady()
	var units struct {
		Features []struct {
			ID       string `json:"id"`
			Geometry *struct{ Coordinates []float64 }
		}
	}
	s.Get("/units", &units)
	placed := false
	for _, u := range units.Features {
		placed = placed || u.Geometry != nil && len(u.Geometry.Coordinates) == 2 && u.Geometry.Coordinates[0] == 108.2
	}
	if !placed {
		t.Errorf("where the phone is now is not known any more: %+v", units)
	}
	s.Stop()
	if found := sitetest.FilesHolding(t, filepath.Join(s.Dir, "data"), mark); len(found) > 0 {
		t.Errorf("%v still say where the phone was", found)
	}
	if after, done := withoutBodies(t, path, fixes+1); after != before || done != fixes {
		t.Errorf("%d of %d forgotten, the same entries: %v", done, fixes, after == before)
	}
	var out bytes.Buffer
	if code := sitetest.Run(context.WithoutCancel(t.Context()), t, []string{"rebuild", "--config", filepath.Join(s.Dir, "htgateway.yaml")}, nil, &out, &out); code != sitetest.ExitDone || strings.Count(out.String(), " equal\n") != 2 {
		t.Errorf("rebuild: exit %d, %s", code, &out)
	}
}

// withoutBodies sums up a journal's first entries but for their bodies, and counts the
// places that were forgotten.
func withoutBodies(t *testing.T, path string, first uint64) (sum string, forgotten int) {
	t.Helper()
	r, err := sqlite.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := journal.NewSum()
	for e, err := range r.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Seq > first {
			break // what the gateway itself tells of its links
		}
		if bytes.Contains(e.Body, []byte(`"forgotten":true`)) {
			forgotten++
		}
		e.Body = nil
		if err := s.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	return s.String(), forgotten
}
