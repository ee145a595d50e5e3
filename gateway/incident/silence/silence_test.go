package silence_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/silence"
	"htgateway/geo"
)

var now = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func ago(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }

func TestExplain(t *testing.T) {
	t.Parallel()
	up, down := &silence.Link{ID: "atap", Up: true}, &silence.Link{ID: "atap", Since: ago(12), Why: "adapter dicabut"}
	unit := func(fix, heard int, s incident.Signs) incident.UnitState {
		u := incident.UnitState{Signs: s}
		if fix >= 0 {
			u.Fix, u.FixAt = &geo.Fix{}, ago(fix)
		}
		if heard >= 0 {
			u.HeardAt = ago(heard)
		}
		return u
	}
	presence := func(minutes int, p devices.Presence) incident.Signs {
		return incident.Signs{Presence: &p, PresenceAt: ago(minutes)}
	}
	for name, c := range map[string]struct {
		unit  incident.UnitState
		link  *silence.Link
		want  silence.State
		since time.Time
	}{
		"fresh":                            {unit(4, 4, incident.Signs{}), up, "", time.Time{}},
		"fresh though its link just fell":  {unit(4, 4, incident.Signs{}), down, "", time.Time{}},
		"fresh but coarse":                 {unit(1, 1, incident.Signs{BlurredAt: ago(1)}), up, silence.Blurred, ago(1)},
		"coarse once, exact since":         {unit(1, 1, incident.Signs{BlurredAt: ago(3)}), up, "", time.Time{}},
		"never heard":                      {unit(-1, -1, incident.Signs{}), nil, silence.NeverHeard, time.Time{}},
		"link down":                        {unit(20, 20, incident.Signs{}), down, silence.LinkDown, ago(12)},
		"link down explains before a will": {unit(20, 20, presence(19, devices.Presence{Offline: true})), down, silence.LinkDown, ago(12)},
		"no satellites":                    {unit(30, 1, incident.Signs{NoLockAt: ago(1)}), up, silence.NoSatellite, ago(30)},
		"clock wrong":                      {unit(30, 1, incident.Signs{AsideAt: ago(1), Aside: incident.FromFuture}), up, silence.ClockWrong, ago(1)},
		"keys but never a position":        {unit(-1, 1, incident.Signs{}), up, silence.NoPosition, time.Time{}},
		"heard without a position":         {unit(30, 2, incident.Signs{}), up, silence.NoPosition, ago(30)},
		"app may not read the position":    {unit(30, 2, presence(2, devices.Presence{NoLocation: true})), up, silence.NotAllowed, ago(2)},
		"phone offline":                    {unit(10, 10, presence(9, devices.Presence{Offline: true})), up, silence.Offline, ago(9)},
		"offline once, heard since":        {unit(10, 10, presence(11, devices.Presence{Offline: true})), up, silence.Quiet, ago(10)},
		"power saving":                     {unit(10, 10, presence(15, devices.Presence{PowerSave: true})), up, silence.PowerSaving, ago(10)},
		"may be put to sleep":              {unit(10, 10, presence(15, devices.Presence{BatteryOptimised: true})), up, silence.PowerSaving, ago(10)},
		"quiet":                            {unit(6, 6, incident.Signs{}), up, silence.Quiet, ago(6)},
		"quiet, its link is gone":          {unit(6, 6, incident.Signs{}), nil, silence.Quiet, ago(6)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := silence.Explain(c.unit, c.link, now, 5*time.Minute)
			if c.want == "" {
				if got != nil {
					t.Fatalf("%+v", got)
				}
				return
			}
			if got == nil || got.State != c.want || !got.Since.Equal(c.since) || got.Why == "" || got.WhyEn == "" {
				t.Fatalf("%+v, want %s since %v", got, c.want, c.since)
			}
			if stale := silence.Stale(c.unit, now, 5*time.Minute); stale != (c.want != silence.Blurred) {
				t.Errorf("stale: %v", stale)
			}
		})
	}
}
