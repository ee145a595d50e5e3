package sqlite

import (
	"testing"
	"time"
)

// TestCommitDelay plays streams of records: each commit takes a millisecond, and holds
// what came until it began.
func TestCommitDelay(t *testing.T) {
	t.Parallel()
	const commit = time.Millisecond
	for _, c := range []struct {
		name string
		// came is how many records come in a time, of which so many are already in the journal.
		came    func(during time.Duration) int
		delayed bool
	}{
		{"a steady thousand a second", func(t time.Duration) int { return int(t / time.Millisecond) }, true},
		{"a hundred a second", func(t time.Duration) int { return int(t / (10 * time.Millisecond)) }, false},
		{"one who waits for each acknowledgement", func(time.Duration) int { return 1 }, false},
		{"three who wait for each acknowledgement", func(time.Duration) int { return 3 }, false},
		{"twenty thousand a second", func(t time.Duration) int { return int(t / (50 * time.Microsecond)) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d commitDelay
			now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
			commits, waited := 0, 0
			for began := now; now.Sub(began) < 10*time.Second; {
				wait := d.wait()
				if n := max(1, c.came(commit+wait)); n == 1 && c.came(commit) == 0 {
					now = now.Add(10 * time.Millisecond) // until one comes
				}
				now = now.Add(wait + commit)
				d.committed(max(1, c.came(commit+wait)), now)
				commits++
				if wait > 0 {
					waited++
				}
			}
			if c.delayed && (waited < commits*3/5 || commits > 10*40) {
				t.Errorf("%d commits in ten seconds, of which %d waited", commits, waited)
			}
			if !c.delayed && waited > triedFor*(commits/pauseFor+1) {
				t.Errorf("%d of %d commits waited for nothing", waited, commits)
			}
		})
	}
}

func TestCommitDelayEndsWithTheStream(t *testing.T) {
	t.Parallel()
	var d commitDelay
	now := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for n := 0; n < 2*steadyCommits && d.wait() == 0; n++ {
		now = now.Add(time.Millisecond)
		d.committed(1, now)
	}
	if d.wait() != delayFor {
		t.Fatal("a steady stream is not delayed")
	}
	for range triedFor {
		d.committed(2, now.Add(delayFor))
	}
	if d.wait() != 0 {
		t.Error("the stream has ended, and a single record waits still")
	}
}
