package simulation

import (
	"testing"
	"time"

	"github.com/paulmach/orb"
)

// The expected frames are written out by hand from firmware-notes/protocols.md section 1.
func TestFramesAreWhatRadiosSend(t *testing.T) {
	t.Parallel()
	o := observation{
		at: time.Date(2026, 11, 23, 9, 5, 7, 0, time.UTC), point: orb.Point{108.2279, -6.8364},
		speedMPS: 10, courseDeg: 7.5, lock: true,
	}
	for _, c := range []struct{ name, got, want string }{
		{"caller id", string(callerID("102-1001", true)), "\x02I110210011021001\x03"},
		{"NEXEDGE id", string(nexedgeID("00103", false)), "\x02gI0U00103U00103\x03"},
		{"position", string(fleetSyncPosition("102-1001", o, "")),
			"$PKLDS,090507,A,0650.1840,S,10813.6740,E,019.4,007.5,231126,00.00,E00,102,1001,80,00,*77\r\n"},
		{"key", string(fleetSyncKey("102-1001", "13")), "$PKLID,00,102,1001,13,00,*6B\r\n"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}
