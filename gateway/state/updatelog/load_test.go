package updatelog

import (
	"testing"
	"time"
)

// TestSinkYieldsUnderLoad plays a minute of updates: 300 a second, then a flood of 20,000 a
// second, then 300 again.
func TestSinkYieldsUnderLoad(t *testing.T) {
	t.Parallel()
	const step = 10 * time.Millisecond
	for _, c := range []struct {
		name         string
		flood, waits time.Duration
	}{
		{"no flood", 0, 0},
		{"a burst of two seconds", 2 * time.Second, 2 * time.Second},
		{"a flood of half a minute", 30 * time.Second, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f loadMeter
			yield := loadYield{most: 5 * time.Second}
			began := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
			var waited time.Duration
			for now := began; now.Sub(began) < time.Minute; now = now.Add(step) {
				come := 3
				if d := now.Sub(began) - 10*time.Second; d >= 0 && d < c.flood {
					come = 200
				}
				f.add(come, now)
				if yield.yields(f.underLoad(now), now) {
					waited += step
				}
			}
			if (waited - c.waits).Abs() > 3*loadWindow {
				t.Errorf("it paused for %s, and should for %s", waited, c.waits)
			}
		})
	}
	var f loadMeter
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for n := range 100 {
		f.add(200, at.Add(time.Duration(n)*step))
	}
	if end := at.Add(100 * step); !f.underLoad(end) || f.underLoad(end.Add(time.Second)) {
		t.Error("a flood that stopped at once is still a load, or was none")
	}
}
