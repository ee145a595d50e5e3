package intake

import (
	"testing"
	"time"
)

func TestLatelyForgetsWhatIsOldOrTooMuch(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	l := newLately(10*time.Minute, 100)
	of := func(n int) mark { return mark{byte(n >> 8), byte(n)} }
	for n := range 250 {
		l.keep(of(n), &heard{}, at)
	}
	for n, want := range map[int]bool{0: false, 99: false, 100: true, 199: true, 249: true, 250: false} {
		if got := l.find(of(n)) != nil; got != want {
			t.Errorf("of 250, number %d is remembered: %v", n, got)
		}
	}
	l = newLately(10*time.Minute, 100)
	for n := range 30 { // one a minute
		l.keep(of(n), &heard{}, at.Add(time.Duration(n)*time.Minute))
	}
	for n, want := range map[int]bool{0: false, 5: false, 19: true, 29: true} {
		if got := l.find(of(n)) != nil; got != want {
			t.Errorf("half an hour on, that of minute %d is remembered: %v", n, got)
		}
	}
	l.keep(of(999), &heard{}, at.Add(-time.Hour)) // the clock was set back
	if l.find(of(29)) == nil || l.find(of(999)) == nil {
		t.Error("what was just heard is forgotten when the clock is set back")
	}
}
