package intake_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// TestSitesClockIsThatOfEachReport: the offset of a report is the one that its site's clock
// had then; where the site does not know it, or it cannot be, none is claimed.
func TestSitesClockIsThatOfEachReport(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	records := siteOf(t, heard("hill", 0), heard("hill", 10_000), heard("hill", 20_000), heard("hill", 3_600_000))
	c.at(time.Minute)
	for _, d := range []intake.Delivery{
		{Records: records[:3], Clocks: []geo.Reading{geo.Measured(3600), {}, geo.Measured(5)}, ClockS: geo.Measured(0)},
		{Records: records[3:], ClockS: geo.Measured(0)}, // an older site: an hour in the future
	} {
		d.Site, d.At = "ciremai", start.Add(time.Minute)
		if err := c.Deliver(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := c.j.Read(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		var r devices.Report
		if err := json.Unmarshal(e.Body, &r); err != nil {
			t.Fatal(err)
		}
		s, known := r.SiteClockS.Value()
		got = append(got, fmt.Sprint(s, known))
	}
	if want := "[3600 true 0 false 5 true 0 false]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestLateCopiesAreKnownAfterTheClockWasSet: the centre's clock was wrong for a while and
// set right; what a site heard too, before, meanwhile and after, is known late all the same.
func TestLateCopiesAreKnownAfterTheClockWasSet(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, steps := range [][]time.Duration{
		{0, 7 * hour, 0}, {7 * hour, 0, 0}, {0, -7 * hour, 0}, {0, -20 * 365 * 24 * hour, 0}, {0, hour, -hour, 2 * hour, 0}, {24 * hour, 12 * hour, 0},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprint(steps, restart), func(t *testing.T) {
				t.Parallel()
				c := newCentre(t)
				var copies []intake.Heard
				for i, step := range steps {
					for key := range 40 { // while the clock is right, every key is heard at the site too
						at := time.Duration(i)*20*time.Minute + time.Duration(key)*20*time.Second
						h := heard("roof", int((at + step).Milliseconds()))
						c.take(h)
						if step == 0 {
							copies = append(copies, heard("hill", int(at.Milliseconds())+300))
						}
					}
				}
				before := kinds(t, c.j)[journal.KindReport]
				if restart {
					c.restart()
				}
				c.deliver(siteOf(t, copies...), 7*24*hour)
				if got := kinds(t, c.j); got[journal.KindReport] != before || got[journal.KindHearing] != len(copies) {
					t.Errorf("%d reports, now %v; %d copies", before, got, len(copies))
				}
			})
		}
	}
}
