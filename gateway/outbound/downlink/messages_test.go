package downlink

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/devices/protocol/owntracks"
	"htgateway/geo"
)

func TestMessagesOnTopics(t *testing.T) {
	t.Parallel()
	d := Messages(meshtastic.Mesh{Root: "msh/ID", Node: 2130636288})
	region := owntracks.Region{Name: "INC-2026-00042", Centre: orb.Point{108.2279, -6.8364}, RadiusM: 150, At: time.Unix(1795466282, 0)}
	for _, c := range []struct {
		name           string
		o              Order
		topic, payload string
		alone          bool // nothing answers it
	}{
		{"poll", Order{Device: "owntracks:andi/phone", Poll: true}, "owntracks/andi/phone/cmd", `{"_type":"cmd","action":"reportLocation"}`, false},
		{"region", Order{Device: "owntracks:andi/phone", Region: &region}, "owntracks/andi/phone/cmd",
			`{"_type":"cmd","action":"setWaypoints","waypoints":{"_type":"waypoints","waypoints":[{"_type":"waypoint","desc":"INC-2026-00042","lat":-6.8364,"lon":108.2279,"rad":150,"tst":1795466282}]}}`, true},
		{"region taken back", Order{Device: "owntracks:andi/phone", Region: &region, Drop: true}, "owntracks/andi/phone/cmd",
			`{"_type":"cmd","action":"setWaypoints","waypoints":{"_type":"waypoints","waypoints":[{"_type":"waypoint","desc":"INC-2026-00042","lat":-1000000,"lon":-1000000,"rad":0,"tst":1795466282}]}}`, true},
		{"mesh text", Order{Device: "meshtastic:!433c8aac", Text: "MOHON UPDATE"}, "msh/ID/2/json/mqtt/",
			`{"from":2130636288,"to":1128041132,"channel":0,"type":"sendtext","payload":"MOHON UPDATE"}`, true},
		{"text to a phone", Order{Device: "owntracks:andi/phone", Text: "x"}, "", "", false},
		{"phone without a name", Order{Device: "owntracks:andi", Poll: true}, "", "", false},
		{"text too long", Order{Device: "meshtastic:!433c8aac", Text: strings.Repeat("x", 201)}, "", "", true},
	} {
		steps, err := d.Compose(c.o)
		if c.topic == "" {
			if err == nil {
				t.Errorf("%s: composed", c.name)
			}
			continue
		}
		if err != nil || len(steps) != 1 {
			t.Errorf("%s: %d steps, %v", c.name, len(steps), err)
			continue
		}
		err = Publisher(func(_ context.Context, topic string, payload []byte) error {
			if topic != c.topic || string(payload) != c.payload {
				t.Errorf("%s: %s %s", c.name, topic, payload)
			}
			return nil
		}).Write(t.Context(), steps[0])
		if err != nil || unanswered(d, c.o) != c.alone {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if carries(d, "owntracks", false) || !carries(d, "owntracks", true) || !carries(d, "meshtastic", false) || carries(Posts(), "meshtastic", false) || carries(d, "field", false) {
		t.Error("carries what cannot be sent, or not what can")
	}
	poll := Order{Device: "owntracks:andi/phone", Poll: true}
	fix := &geo.Fix{Point: orb.Point{108, -6.8}}
	for name, c := range map[string]struct {
		r    devices.Report
		want Verdict
	}{
		"its fix":      {devices.Report{Device: poll.Device, Fix: fix, Trigger: "r"}, Delivered},
		"another's":    {devices.Report{Device: "owntracks:budi/phone", Fix: fix}, NotAboutIt},
		"kept":         {devices.Report{Device: poll.Device, Fix: fix, Retained: true}, NotAboutIt},
		"from a queue": {devices.Report{Device: poll.Device, Fix: fix, Queued: true}, NotAboutIt},
		"no fix":       {devices.Report{Device: poll.Device}, NotAboutIt},
	} {
		if got := d.Answers(&c.r, poll); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
