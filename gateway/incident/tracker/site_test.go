package tracker_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// away makes a report one that a site received, delivered a day later.
func away(e incident.Event, ahead geo.Reading) incident.Event {
	e.Report.Site, e.Report.Link, e.Report.Via = "ciremai", "ciremai", "hill"
	e.Report.ArrivedAt, e.Report.SiteClockS = e.Report.ReceivedAt.Add(24*time.Hour), ahead
	e.Report.ReceivedAt = e.Report.ReceivedAt.Add(time.Duration(ahead.Or(0) * float64(time.Second)))
	return e
}

// TestReportsOfASite: a key was pressed when the site heard it, by the site's clock
// corrected by what is known of that, and was known when it came.
func TestReportsOfASite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ahead geo.Reading
		clock string
		said  sop.Agreement
	}{
		{"a clock that agrees", geo.Measured(1), "gateway", ""},
		{"one that is ahead", geo.Measured(300), "site ciremai", ""},
		{"one that is an hour behind", geo.Measured(-3600), "site ciremai", ""},
		{"one that nobody measured", geo.Reading{}, "site ciremai", sop.UnknownClocks},
	} {
		tr, updates := fold(opened(0, "i1"), act(5, incident.ActDispatch, "i1", "damkar-1"),
			away(key(60, "fleetsync:102-1001", devices.StatusEnRoute), c.ahead))
		m := milestone(t, tr, "i1", "damkar-1", incident.EnRoute)
		if m.At.Sub(at(60)) > siteAgrees || m.At.Before(at(60)) || !m.KnownAt.Equal(at(60).Add(24*time.Hour)) || m.Clock != c.clock {
			t.Errorf("%s: %+v", c.name, m)
		}
		if off, is := m.ClockOffsetS.Value(); m.ClockCorrected != (c.ahead.Or(0) != 0 && c.clock != "gateway") || is && off != -c.ahead.Or(0) {
			t.Errorf("%s: the milestone does not say by how much its time was corrected: %+v", c.name, m)
		}
		found := false
		for _, u := range updates {
			if u.Interval != nil && u.Interval.Name == sop.Turnout {
				found = true
				if u.Interval.Clocks != c.said {
					t.Errorf("%s: the turnout's clocks are %q", c.name, u.Interval.Clocks)
				}
			}
		}
		if !found {
			t.Errorf("%s: no turnout", c.name)
		}
	}
}

// siteAgrees is how far a site's clock may be off to count as the gateway's.
const siteAgrees = 2 * time.Second

// TestLiveKeyOfASiteWithAWrongClock: a key that a site passes on at once arrives when it was
// pressed, however wrong the site's clock is known to be.
func TestLiveKeyOfASiteWithAWrongClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{-3600, -86400, 600, 7 * 3600} {
		k := key(400, "fleetsync:102-1001", devices.StatusOnScene)
		k.Report.Site, k.Report.ReceivedAt, k.Report.ArrivedAt, k.Report.SiteClockS = "ciremai", at(400+ahead), at(401), geo.Measured(float64(ahead))
		tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"), k)
		if m := milestone(t, tr, "i1", "damkar-1", incident.OnScene); !m.At.Equal(at(400)) || m.At.After(m.KnownAt) || m.Clock != "site ciremai" || !m.ClockCorrected {
			t.Errorf("site %d s ahead: arrived at +%v, known at +%v, %s clock", ahead, m.At.Sub(start), m.KnownAt.Sub(start), m.Clock)
		}
	}
	// A measured offset that is a little too small does not make the press later than the delivery.
	k := key(400, "fleetsync:102-1001", devices.StatusOnScene)
	k.Report.Site, k.Report.ReceivedAt, k.Report.ArrivedAt, k.Report.SiteClockS = "ciremai", at(1003), at(401), geo.Measured(600)
	tr, _ := fold(opened(0, "i1"), act(30, incident.ActDispatch, "i1", "damkar-1"), k)
	if m := milestone(t, tr, "i1", "damkar-1", incident.OnScene); !m.At.Equal(at(401)) {
		t.Errorf("arrived at +%v", m.At.Sub(start))
	}
}

// TestASiteSwitchesNothingOnLate: a radio that came on yesterday, as a site tells today,
// does not make yesterday's fixes older than its switching on.
func TestASiteSwitchesNothingOnLate(t *testing.T) {
	t.Parallel()
	on := away(key(10, "fleetsync:102-1001", devices.StatusAvailable), geo.Measured(0))
	on.Report.PowerOn = true
	_, updates := fold(on, away(fix(100, 1, "fleetsync:102-1001", 50), geo.Measured(0)))
	for _, u := range updates {
		if u.Kind == incident.UpdateFix && u.SetAside != "" {
			t.Errorf("the fix is set aside: %s", u.SetAside)
		}
	}
}
