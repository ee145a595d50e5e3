package intake

import (
	"testing"
	"time"

	"htgateway/gateway/journal"
)

func TestCacheDropsWhatIsOldOrTooMuch(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	c := newTwoGenerationCache(10*time.Minute, 100)
	of := func(n int) journal.ID16 { return journal.ID16{byte(n >> 8), byte(n)} }
	for n := range 250 {
		c.put(of(n), &firstHearing{}, at)
	}
	for n, want := range map[int]bool{0: false, 99: false, 100: true, 199: true, 249: true, 250: false} {
		if got := c.get(of(n)) != nil; got != want {
			t.Errorf("of 250, number %d is remembered: %v", n, got)
		}
	}
	c = newTwoGenerationCache(10*time.Minute, 100)
	for n := range 30 { // one a minute
		c.put(of(n), &firstHearing{}, at.Add(time.Duration(n)*time.Minute))
	}
	for n, want := range map[int]bool{0: false, 5: false, 19: true, 29: true} {
		if got := c.get(of(n)) != nil; got != want {
			t.Errorf("half an hour on, that of minute %d is remembered: %v", n, got)
		}
	}
	c.put(of(999), &firstHearing{}, at.Add(-time.Hour)) // the clock was set back
	if c.get(of(29)) == nil || c.get(of(999)) == nil {
		t.Error("what was just heard is forgotten when the clock is set back")
	}
}
