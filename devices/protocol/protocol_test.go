package protocol_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol"
)

// TestEntriesAreWhole: each protocol has a name of its own, something that carries it,
// and what belongs to that.
func TestEntriesAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[devices.Protocol]bool{}
	for _, e := range protocol.All() {
		if e.Name == "" || seen[e.Name] || strings.ToLower(string(e.Name)) != string(e.Name) {
			t.Errorf("%q is no name of its own", e.Name)
		}
		seen[e.Name] = true
		if found, known := protocol.Find(e.Name); !known || found.Name != e.Name {
			t.Errorf("%s is not found", e.Name)
		}
		switch {
		case e.Line == nil && e.Messages == nil:
			t.Errorf("%s is carried by nothing", e.Name)
		case (e.Line == nil) != (len(e.Bauds) == 0):
			t.Errorf("%s: speeds %v", e.Name, e.Bauds)
		case e.Line == nil && (e.Plain || e.Sends != ""):
			t.Errorf("%s is on no line and has what lines have", e.Name)
		case (e.Messages == nil) != (e.Topic == nil):
			t.Errorf("%s has messages without topics or topics without messages", e.Name)
		case e.Messages == nil && (e.Uplink != nil || e.Binary != nil || e.Secret != ""):
			t.Errorf("%s has no messages and what messages have", e.Name)
		}
		if slices.ContainsFunc(e.Bauds, func(baud int) bool { return baud < 300 || baud > 1_000_000 }) {
			t.Errorf("%s: speeds %v", e.Name, e.Bauds)
		}
	}
	if _, known := protocol.Find("morse"); known {
		t.Error("morse is known")
	}
}

// TestDecodersAreFresh: two lines do not share half a frame.
func TestDecodersAreFresh(t *testing.T) {
	t.Parallel()
	for _, e := range protocol.Lines() {
		first, second := e.Line(), e.Line()
		first.Feed([]byte("\x02\xc0half"), time.Time{})
		if frames := second.Flush(time.Time{}); len(frames) > 0 {
			t.Errorf("%s: %v of another line's bytes", e.Name, frames)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]struct {
		name devices.Protocol // whose messages are on it
		up   bool             // devices publish on it
	}{
		"owntracks/andi/phone":              {devices.OwnTracks, true},
		"msh/ID/2/json/LongFast/!7d5a1c2e":  {devices.Meshtastic, true},
		"msh/ID/2/json/mqtt/":               {devices.Meshtastic, false},
		"htgateway/devices/keypad-1/report": {devices.FieldJSON, true},
		"elsewhere/report":                  {devices.FieldJSON, false},
		"htgateway/devices/keypad-1/cmd":    {"", false},
		"htgateway/units/damkar-1/state":    {"", false},
	} {
		var name devices.Protocol
		for _, e := range protocol.All() {
			if e.Topic != nil && e.Topic(topic) {
				if name != "" {
					t.Errorf("%s is %s and %s", topic, name, e.Name)
				}
				name = e.Name
			}
		}
		if up := protocol.FromDevices(topic); name != want.name || up != want.up {
			t.Errorf("%s: %q, from devices: %v", topic, name, up)
		}
	}
}
