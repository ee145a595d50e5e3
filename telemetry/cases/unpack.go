package cases

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// MilestoneNames and IntervalNames list the names that every county has; others may
// stand in a case too.
func MilestoneNames() []string { return slices.Clone(milestoneWords) }

// IntervalNames lists those of intervals.
func IntervalNames() []string { return slices.Clone(intervalWords) }

// errPacked is what a damaged or newer packed case gives.
var errPacked = errors.New("cases: damaged case, or one of a newer version")

// Unpacker unpacks cases one after another. It is not safe for concurrent use.
type Unpacker struct {
	known map[string]string // texts that were seen, so that each is kept once
	teams uint64            // how many the case has
	b     []byte
	at    int // of the next byte
	bad   bool
}

// Unpack reads a packed case into c, whose slices are used again.
func (u *Unpacker) Unpack(packed Packed, c *Case) error {
	if len(packed) == 0 || packed[0] != packedVersion {
		return errPacked
	}
	if u.known == nil {
		u.known = map[string]string{}
	}
	u.b, u.at, u.bad = packed, 1, false
	c.Incident, c.Category, c.District = string(u.bytes()), u.text(), u.text()
	call := u.varint()
	c.Received = time.Unix(0, call).UTC()
	c.Teams, c.Milestones, c.Intervals = c.Teams[:0], c.Milestones[:0], c.Intervals[:0]
	for n := u.count(); n > 0; n-- {
		c.Teams = append(c.Teams, Team{u.text(), u.text()})
	}
	u.teams = uint64(len(c.Teams))
	milestones, intervals := u.count(), u.count()
	for ; milestones > 0 && !u.bad; milestones-- {
		c.Milestones = append(c.Milestones, Milestone{})
		u.milestone(&c.Milestones[len(c.Milestones)-1], call)
	}
	for ; intervals > 0 && !u.bad; intervals-- {
		c.Intervals = append(c.Intervals, Interval{})
		u.interval(&c.Intervals[len(c.Intervals)-1], call)
	}
	if u.bad {
		return errPacked
	}
	return nil
}

func (u *Unpacker) milestone(m *Milestone, call int64) {
	m.Name, m.Index = u.word(milestoneWords)
	flags := u.byte()
	m.Team, m.At = u.team(), call+u.varint()
	m.Evidence, _ = u.word(evidenceWords)
	m.Verdict, _ = u.word(verdictWords)
	m.KnownAfter, m.WitnessAfter, m.ByDevice = u.varint(), u.varint(), flags&flagByDevice != 0
	if m.Confidence = -1; flags&flagConfidence != 0 {
		m.Confidence = float64(u.uvarint()) / permille
	}
}

func (u *Unpacker) interval(i *Interval, call int64) {
	i.Name, i.Index = u.word(intervalWords)
	flags := u.byte()
	i.Team, i.Ended, i.Lasted, i.Limit = u.team(), call+u.varint(), u.varint(), u.varint()
	i.Within, i.Contradictory = flags&flagWithin != 0, flags&flagContradictory != 0
	i.Corrected, i.SupersededBefore, i.Unreported = flags&flagCorrected != 0, flags&flagSuperseded != 0, flags&flagUnreported != 0
}

func (u *Unpacker) team() int {
	at := u.uvarint()
	if at >= u.teams {
		u.bad = true
		return 0
	}
	return int(at)
}

// word is one of the words with its place, or another with -1.
func (u *Unpacker) word(words []string) (word string, place int) {
	place = int(u.byte()) - 1
	switch {
	case place < 0:
		return u.text(), -1
	case place < len(words):
		return words[place], place
	}
	u.bad = true
	return "", -1
}

func (u *Unpacker) byte() byte {
	if u.at >= len(u.b) {
		u.bad = true
		return 0
	}
	v := u.b[u.at]
	u.at++
	return v
}

func (u *Unpacker) varint() int64 { return number(u, binary.Varint) }

func (u *Unpacker) uvarint() uint64 { return number(u, binary.Uvarint) }

// number reads a number and goes on behind it.
func number[N int64 | uint64](u *Unpacker, read func([]byte) (N, int)) N {
	v, n := read(u.b[u.at:])
	if n <= 0 {
		u.bad, u.at = true, len(u.b)
		return 0
	}
	u.at += n
	return v
}

// count is a number of things that follow, each of at least one byte.
func (u *Unpacker) count() int {
	n := u.uvarint()
	if n > uint64(len(u.b)-u.at) {
		u.bad = true
		return 0
	}
	return int(n)
}

func (u *Unpacker) bytes() []byte {
	n := u.count()
	u.at += n
	return u.b[u.at-n : u.at]
}

// text is a text of which there are few different ones.
func (u *Unpacker) text() string {
	b := u.bytes()
	if s, known := u.known[string(b)]; known {
		return s
	}
	s := string(b)
	u.known[s] = s
	return s
}
