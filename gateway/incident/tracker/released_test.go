package tracker_test

import (
	"fmt"
	"strings"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// TestReleasedIsListedAtOnce: a device that was taken away is listed with what it said last
// before it says anything more, however it was the unit's; one that is bound again is not.
func TestReleasedIsListedAtOnce(t *testing.T) {
	t.Parallel()
	rostered := devices.Identity("fleetsync:102-1001")
	for name, c := range map[string]struct {
		d      devices.Identity
		events []incident.Event
		want   string // what it said last, and how many reports; empty when it is not listed
	}{
		"of the configuration": {rostered, []incident.Event{key(300, rostered, devices.StatusEnRoute), enrol(400, incident.EnrolRelease, "damkar-1", rostered)}, "en_route, 1 at +5m0s"},
		"bound by mistake":     {stranger, []incident.Event{key(300, stranger, devices.StatusEnRoute), enrol(310, incident.EnrolBind, "psc-1", stranger), enrol(320, incident.EnrolRelease, "psc-1", stranger)}, "en_route, 1 at +5m0s"},
		"it sent a place last": {stranger, []incident.Event{key(300, stranger, devices.StatusEnRoute), enrol(310, incident.EnrolBind, "psc-1", stranger), fix(315, 0, stranger, 10), enrol(320, incident.EnrolRelease, "psc-1", stranger)}, "position, 2 at +5m15s"},
		"known late":           {stranger, []incident.Event{enrol(310, incident.EnrolBind, "psc-1", stranger), key(330, stranger, devices.StatusEnRoute), enrol(320, incident.EnrolRelease, "psc-1", stranger)}, "en_route, 1 at +5m30s"},
		"bound again":          {stranger, []incident.Event{key(300, stranger, devices.StatusEnRoute), enrol(310, incident.EnrolBind, "psc-1", stranger), enrol(320, incident.EnrolRelease, "psc-1", stranger), enrol(330, incident.EnrolBind, "damkar-1", stranger)}, ""},
		"never heard":          {stranger, []incident.Event{enrol(310, incident.EnrolBind, "psc-1", stranger), enrol(320, incident.EnrolRelease, "psc-1", stranger)}, ""},
	} {
		tr, _ := fold(c.events...)
		got := ""
		for _, u := range tr.UnknownDevices() {
			if u.Device != c.d {
				t.Errorf("%s: %s is listed", name, u.Device)
			}
			said := strings.TrimSpace(strings.TrimPrefix(u.LastSaid, "status "))
			got = fmt.Sprintf("%s, %d at +%v", said, u.Reports, u.LastHeard.Sub(start))
		}
		if got != c.want {
			t.Errorf("%s: it is listed as %q, want %q", name, got, c.want)
		}
	}
}
