package sqlite

import "time"

// When commits are delayed.
const (
	// delayFor is how long records are let come together for one commit. One is
	// acknowledged so much later, and up to twice that when it comes while others of its
	// sender wait.
	delayFor = 40 * time.Millisecond
	// steadyCommits are measured before it is decided; when they held fewer than
	// smallCommit records each and came so often that a delay would bring worthwhile
	// records together, commits are delayed.
	steadyCommits = 64
	smallCommit   = 4
	worthwhile    = 16
	// triedFor is how many delayed commits are measured before the delay is judged: the
	// first has one record of each sender, the others what came meanwhile.
	triedFor = 4
	// pauseFor is how many commits are not measured after a delay that did not pay.
	pauseFor = 2000
)

// commitDelay decides whether to wait for more records before a commit, as PostgreSQL's
// commit_delay does. A steady stream of single reports costs a commit for each, and
// everybody who follows the journal is woken for each; let come together they cost a
// tenth of it. Senders who wait for their acknowledgement before they go on are no such
// stream: with them a delay brings nothing, which is measured, and not tried again for a
// while.
type commitDelay struct {
	commits, records int
	since            time.Time
	// expected is how many records a delay should bring together, 0 while nothing is
	// delayed.
	expected float64
	paused   int // commits for which nothing is measured
}

// wait is how long to wait before the next commit.
func (d *commitDelay) wait() time.Duration {
	if d.expected > 0 {
		return delayFor
	}
	return 0
}

// committed measures a commit of so many records.
func (d *commitDelay) committed(records int, now time.Time) {
	switch {
	case d.expected > 0:
		d.commits++
		if d.records += records; d.commits < triedFor {
			return
		}
		if float64(d.records) < d.expected/2*triedFor {
			*d = commitDelay{paused: pauseFor}
		}
		d.commits, d.records = 0, 0
		return
	case d.paused > 0:
		d.paused--
		return
	case d.commits == 0:
		d.since = now
	}
	d.commits++
	d.records += records
	if d.commits <= steadyCommits {
		return
	}
	// The first of them was only the beginning of the time.
	took := now.Sub(d.since)
	small := d.records < smallCommit*d.commits
	expected := float64(d.records) / took.Seconds() * delayFor.Seconds()
	*d = commitDelay{}
	if small && expected >= worthwhile {
		d.expected = expected
	}
}
