package reconnect_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"htgateway/devices/transport/reconnect"
)

var errGone = errors.New("gone")

// TestKeep: tries come ever later, at most 45 seconds apart, soon again after a line that
// was up for long, and none after the end.
func TestKeep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var began []time.Time
		var ended time.Time
		lost := 0
		reconnect.Keep(ctx, func(context.Context) error {
			began = append(began, time.Now())
			switch len(began) {
			case 20:
				time.Sleep(time.Minute) // it is up
				ended = time.Now()
			case 21:
				cancel()
			}
			return errGone
		}, func(err error) {
			if !errors.Is(err, errGone) {
				t.Errorf("lost for %v", err)
			}
			lost++
		})
		if len(began) != 21 || lost != 20 {
			t.Fatalf("%d tries, %d losses", len(began), lost)
		}
		for i, at := range began[1:20] {
			least := min(500*time.Millisecond<<i, 30*time.Second) / 2
			if pause := at.Sub(began[i]); pause < least || pause > 3*least {
				t.Errorf("pause %d: %v, not from %v to %v", i, pause, least, 3*least)
			}
		}
		if soon := began[20].Sub(ended); soon > time.Second {
			t.Errorf("%v after a line that was up for a minute", soon)
		}
	})
}
