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
	return e
}

// TestReportsOfASite: a key was pressed when the site heard it, by the site's clock
// where that does not agree with ours, and was known when it came.
func TestReportsOfASite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ahead geo.Reading
		clock string
		said  sop.Agreement
	}{
		{"a clock that agrees", geo.Measured(-1.5), "gateway", ""},
		{"one that is ahead", geo.Measured(300), "site ciremai", sop.UnknownClocks},
		{"one that nobody measured", geo.Reading{}, "site ciremai", sop.UnknownClocks},
	} {
		tr, updates := fold(opened(0, "i1"), act(5, incident.ActDispatch, "i1", "damkar-1"),
			away(key(60, "fleetsync:102-1001", devices.StatusEnRoute), c.ahead))
		m := milestone(t, tr, "i1", "damkar-1", incident.EnRoute)
		if !m.At.Equal(at(60)) || !m.KnownAt.Equal(at(60).Add(24*time.Hour)) || m.Clock != c.clock {
			t.Errorf("%s: %+v", c.name, m)
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
