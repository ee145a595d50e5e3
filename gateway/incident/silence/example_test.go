package silence_test

import (
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/silence"
	"htgateway/geo"
)

// The same old marker means three things: somebody has to climb the roof, to wait for the
// phone's network, or to call the team.
func ExampleExplain() {
	now := time.Date(2026, 11, 24, 9, 20, 0, 0, time.UTC)
	unit := incident.UnitState{Fix: &geo.Fix{}, FixAt: now.Add(-20 * time.Minute), HeardAt: now.Add(-20 * time.Minute)}
	phone := unit
	phone.Presence, phone.PresenceAt = &devices.Presence{Offline: true}, now.Add(-18*time.Minute)

	up := &silence.Link{ID: "roof", Up: true}
	down := &silence.Link{ID: "roof", Since: now.Add(-12 * time.Minute), Why: "adapter unplugged"}
	for _, s := range []*silence.Silence{
		silence.Explain(unit, down, now, 5*time.Minute),
		silence.Explain(phone, up, now, 5*time.Minute),
		silence.Explain(unit, up, now, 5*time.Minute),
	} {
		fmt.Printf("%s since %s: %s\n", s.State, s.Since.Format("15:04"), s.WhyEn)
	}
	// Output:
	// link_down since 09:08: link roof is down: adapter unplugged
	// offline since 09:02: the phone or node lost its connection
	// quiet since 09:00: the link is fine but the device is quiet: off, out of range or not used
}
