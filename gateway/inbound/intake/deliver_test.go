package intake_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/geo"
)

// site is an edge gateway's intake and journal.
type site struct {
	*intake.Intake
	j *sqlite.Journal
}

func newSite(t *testing.T) site {
	j := open(t, t.TempDir())
	return site{newIntake(j), j}
}

// openAt opens a journal whose clock stands at a time until it is moved.
func openAt(t *testing.T, place string, now *atomic.Int64) *sqlite.Journal {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(place, "journal.db"), sqlite.Options{
		Now: func() time.Time { return time.Unix(0, now.Load()) }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// delivery is all that the site has, as it hands it over, its clock ahead.
func (s site) delivery(t *testing.T, at time.Time, ahead geo.Reading) intake.Delivery {
	t.Helper()
	entries, err := s.j.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	d := intake.Delivery{Site: "ciremai", At: at, ClockS: ahead}
	for _, e := range entries {
		d.Records = append(d.Records, e.Record)
	}
	return d
}

// TestSiteAndCentreHearOneBurst: whoever is first, and however late the site delivers,
// also again and after the centre began anew.
func TestSiteAndCentreHearOneBurst(t *testing.T) {
	t.Parallel()
	for _, late := range []time.Duration{0, 7 * 24 * time.Hour} {
		for _, ahead := range []geo.Reading{{}, geo.Measured(300)} {
			t.Run(fmt.Sprint(late, ahead), func(t *testing.T) {
				t.Parallel()
				place := t.TempDir()
				var now atomic.Int64
				now.Store(start.UnixNano())
				j := openAt(t, place, &now)
				centre, away := newIntake(j), newSite(t)
				off := int(ahead.Or(0) * 1000)
				if err := centre.Take(t.Context(), heard("roof", 0), heard("roof", 60_000)); err != nil {
					t.Fatal(err)
				}
				// The site hears the first press 300 ms later by the true time, a repeater of its
				// own too, and one press that the centre does not hear.
				if err := away.Take(t.Context(), heard("hill", off+300), heard("valley", off+900), heard("hill", off+30_000)); err != nil {
					t.Fatal(err)
				}
				d := away.delivery(t, start.Add(2*time.Minute+late), ahead)
				now.Store(d.At.UnixNano())
				for range 2 {
					if err := centre.Deliver(t.Context(), d); err != nil {
						t.Fatal(err)
					}
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				j = openAt(t, place, &now)
				centre = newIntake(j)
				if err := centre.Recall(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := centre.Deliver(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				got := kinds(t, j)
				if got[journal.KindReport] != 3 || got[journal.KindHearing] != 2 {
					t.Fatalf("want 3 reports and 2 hearings: %v", got)
				}
				checkSiteReport(t, j, d, ahead)
				if l := centre.Ledger("ciremai"); !l.Balanced() || l.Received != 2 || l.Duplicates != 2 {
					t.Errorf("ledger %+v", l)
				}
			})
		}
	}
}

// checkSiteReport checks what the journal keeps of the press that only the site heard.
func checkSiteReport(t *testing.T, j *sqlite.Journal, d intake.Delivery, ahead geo.Reading) {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		if r.Site == "" || e.Kind != journal.KindReport {
			continue
		}
		received := start.Add(30*time.Second + time.Duration(ahead.Or(0)*float64(time.Second)))
		if r.Link != "ciremai" || r.Via != "hill" || !r.ReceivedAt.Equal(received) || !r.ArrivedAt.Equal(d.At) || r.SiteClockS != ahead || !e.At.Equal(d.At) {
			t.Errorf("entry at %s: %+v", e.At, r)
		}
		return
	}
	t.Error("the site's own report is not there")
}

// TestForeignRecordsAreSetAside: a site can deliver nothing but what was heard.
func TestForeignRecordsAreSetAside(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	centre := newIntake(j)
	act, err := journal.NewRecord(journal.KindAct, "a1", start, map[string]string{"kind": "close"})
	if err != nil {
		t.Fatal(err)
	}
	nowhere, err := journal.NewRecord(journal.KindReport, "r1", start, devices.Report{ID: "r1", ReceivedAt: start, Fix: &geo.Fix{}})
	if err != nil {
		t.Fatal(err)
	}
	d := intake.Delivery{Site: "ciremai", At: start, Records: []journal.Record{act, nowhere, {ID: "r2", Kind: journal.KindReport, Body: []byte("{")}}}
	if err := centre.Deliver(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got := kinds(t, j); len(got) != 1 || got[journal.KindUnparsed] != 3 {
		t.Fatalf("%v", got)
	}
	if l := centre.Ledger("ciremai"); !l.Balanced() || l.SetAside != 3 {
		t.Errorf("ledger %+v", l)
	}
}
