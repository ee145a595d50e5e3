package mqttclient

import (
	"testing"
	"time"
)

func TestPauseBeforeAnAttemptGrowsToItsMost(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]time.Duration{
		0: 0, 1: 0, 2: 500 * time.Millisecond, 3: time.Second, 6: 8 * time.Second, 7: 15 * time.Second, 1 << 40: 15 * time.Second,
	} {
		if got := mostJitter(n); got != want {
			t.Errorf("attempt %d: %v, want %v", n, got, want)
		}
	}
}
