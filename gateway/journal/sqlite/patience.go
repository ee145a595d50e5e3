package sqlite

import "time"

// How the writer is patient.
const (
	// gatherFor is how long records are let come together for one commit. One is
	// acknowledged so much later, and up to twice that when it comes while others of its
	// sender wait.
	gatherFor = 40 * time.Millisecond
	// steadyCommits are looked at before it is decided; when they held fewer than
	// smallCommit records each and came so often that gathering would bring worthOf
	// together, they are gathered.
	steadyCommits = 64
	smallCommit   = 4
	worthOf       = 16
	// triedFor is how many commits patience is given before it is asked what it brought:
	// the first has one record of each sender, the others what came meanwhile.
	triedFor = 4
	// hasteFor is how many commits are not looked at after patience did not pay.
	hasteFor = 2000
)

// patience decides whether to wait for more records before a commit. A steady stream of
// single reports costs a commit for each, and everybody who follows the journal is
// woken for each; let come together they cost a tenth of it. Senders who wait for their
// acknowledgement before they go on are no such stream: with them waiting brings
// nothing, which is noticed, and not tried again for a while.
type patience struct {
	commits, records int
	since            time.Time
	// expected is how many records gathering should bring together, 0 while nothing is
	// gathered.
	expected float64
	haste    int
}

// wait is how long to wait before the next commit.
func (p *patience) wait() time.Duration {
	if p.expected > 0 {
		return gatherFor
	}
	return 0
}

// committed tells of a commit of so many records.
func (p *patience) committed(records int, now time.Time) {
	switch {
	case p.expected > 0:
		p.commits++
		if p.records += records; p.commits < triedFor {
			return
		}
		if float64(p.records) < p.expected/2*triedFor {
			*p = patience{haste: hasteFor}
		}
		p.commits, p.records = 0, 0
		return
	case p.haste > 0:
		p.haste--
		return
	case p.commits == 0:
		p.since = now
	}
	p.commits++
	p.records += records
	if p.commits <= steadyCommits {
		return
	}
	// The first of them was only the beginning of the time.
	took := now.Sub(p.since)
	small := p.records < smallCommit*p.commits
	expected := float64(p.records) / took.Seconds() * gatherFor.Seconds()
	*p = patience{}
	if small && expected >= worthOf {
		p.expected = expected
	}
}
