package reconnect_test

import (
	"slices"
	"testing"
	"time"

	"htgateway/devices/transport/reconnect"
)

// TestLine: a change is notified once, and a state lasts from when it began, whatever the
// reason turns out to be.
func TestLine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	var states []reconnect.State
	l := reconnect.NewLine("opening", "", func() time.Time { return now }, func(s reconnect.State) { states = append(states, s) })
	at := func(minute int) time.Time { return time.Date(2026, 11, 24, 8, minute, 0, 0, time.UTC) }
	for minute, turn := range [][2]string{{"opening", ""}, {"down", "busy"}, {"down", "busy"}, {"down", "not there"}, {"up", ""}, {"up", ""}} {
		now = at(minute)
		l.Turn(turn[0], turn[1])
	}
	want := []reconnect.State{{Name: "down", Since: at(1), Why: "busy"}, {Name: "down", Since: at(1), Why: "not there"}, {Name: "up", Since: at(4)}}
	if !slices.Equal(states, want) {
		t.Errorf("%v, want %v", states, want)
	}
	if s := l.State(); s != want[2] {
		t.Errorf("it stands %v", s)
	}
}
