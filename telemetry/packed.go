package telemetry

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
)

// PackedCase is a [Case] in few bytes: a year of a busy county is read in a fraction
// of a second. Numbers are varints; texts that every county has are one byte, others
// stand in full. The first byte is the version of the format.
type PackedCase []byte

const packedVersion = 1

// Words that stand for one byte each, their place here and 1. Append only: stored
// cases hold the places.
var (
	milestoneWords = []string{
		string(incident.Received), string(incident.Dispatched), string(incident.Acknowledged), string(incident.EnRoute), string(incident.OnScene),
		string(incident.InProgress), string(incident.Completed), string(incident.Closed), TakenOff,
	}
	intervalWords = []string{
		string(sop.CallProcessing), string(sop.Turnout), string(sop.Travel), string(sop.Response), string(sop.OnSceneTime), string(sop.Total),
		string(sop.OnSceneUpdate), string(sop.ProgressUpdate), string(sop.Monitoring), string(sop.Closing), string(sop.WholeFlow),
	}
	evidenceWords = []string{string(incident.ByKey), string(incident.ByGeofence), string(incident.ByDispatcher), string(incident.ByCAD)}
	verdictWords  = []string{"", incident.Confirmed, incident.KeyOnly, incident.GPSOnly, incident.Conflict}
)

// Flags of a milestone and of an interval.
const (
	flagByDevice = 1 << iota
	flagConfidence
)

const (
	flagWithin = 1 << iota
	flagContradictory
	flagCorrected
	flagSuperseded
)

// permille is the unit in which confidence is packed.
const permille = 1000

// Pack packs a case.
func (c Case) Pack() PackedCase {
	b := append(make([]byte, 0, 64+24*(len(c.Milestones)+len(c.Intervals))), packedVersion)
	b = appendString(b, c.Incident)
	b = appendString(b, c.Category)
	b = appendString(b, c.District)
	call := c.Received.UnixNano()
	b = binary.AppendVarint(b, call)
	var teams [][2]string
	team := func(unit, agency string) uint64 {
		pair := [2]string{unit, agency}
		at := slices.Index(teams, pair)
		if at < 0 {
			at = len(teams)
			teams = append(teams, pair)
		}
		return uint64(at)
	}
	var body []byte
	for _, m := range c.Milestones {
		body = appendWord(body, milestoneWords, m.Name)
		body = append(body, flag(m.ByDevice, flagByDevice)|flag(m.Confidence >= 0, flagConfidence))
		body = binary.AppendUvarint(body, team(m.Unit, m.Agency))
		body = binary.AppendVarint(body, m.At-call)
		body = appendWord(body, evidenceWords, m.Evidence)
		body = appendWord(body, verdictWords, m.Verdict)
		body = binary.AppendVarint(body, m.KnownAfter)
		body = binary.AppendVarint(body, m.WitnessAfter)
		if m.Confidence >= 0 {
			body = binary.AppendUvarint(body, uint64(m.Confidence*permille))
		}
	}
	for _, i := range c.Intervals {
		body = appendWord(body, intervalWords, i.Name)
		body = append(body, flag(i.Within, flagWithin)|flag(i.Contradictory, flagContradictory)|flag(i.Corrected, flagCorrected)|flag(i.SupersededBefore, flagSuperseded))
		body = binary.AppendUvarint(body, team(i.Unit, i.Agency))
		body = binary.AppendVarint(body, i.Ended-call)
		body = binary.AppendVarint(body, i.Lasted)
		body = binary.AppendVarint(body, i.Limit)
	}
	b = binary.AppendUvarint(b, uint64(len(teams)))
	for _, t := range teams {
		b = appendString(appendString(b, t[0]), t[1])
	}
	b = binary.AppendUvarint(b, uint64(len(c.Milestones)))
	b = binary.AppendUvarint(b, uint64(len(c.Intervals)))
	return append(b, body...)
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendWord writes a word as its place, or 0 and the word.
func appendWord(b []byte, words []string, word string) []byte {
	if at := slices.Index(words, word); at >= 0 {
		return append(b, byte(at+1)) // #nosec G115 -- the lists of words are shorter than 255
	}
	return appendString(append(b, 0), word)
}

// errPacked is what a damaged or newer packed case gives.
var errPacked = errors.New("telemetry: packed case is damaged or of a newer version")

// Unpacker unpacks cases one after another. It is not safe for concurrent use.
type Unpacker struct {
	known map[string]string // texts that were seen, so that each is kept once
	teams [][2]string
	b     []byte
	bad   bool
}

// Unpack reads a packed case into c, whose slices are used again.
func (u *Unpacker) Unpack(packed PackedCase, c *Case) error {
	if len(packed) == 0 || packed[0] != packedVersion {
		return errPacked
	}
	if u.known == nil {
		u.known = map[string]string{}
	}
	u.b, u.bad, u.teams = packed[1:], false, u.teams[:0]
	c.Incident, c.Category, c.District = string(u.bytes()), u.text(), u.text()
	call := u.varint()
	c.Received = time.Unix(0, call).UTC()
	for n := u.count(); n > 0; n-- {
		u.teams = append(u.teams, [2]string{u.text(), u.text()})
	}
	milestones, intervals := u.count(), u.count()
	c.Milestones, c.Intervals = c.Milestones[:0], c.Intervals[:0]
	for ; milestones > 0 && !u.bad; milestones-- {
		c.Milestones = append(c.Milestones, u.milestone(call))
	}
	for ; intervals > 0 && !u.bad; intervals-- {
		c.Intervals = append(c.Intervals, u.interval(call))
	}
	if u.bad {
		return errPacked
	}
	return nil
}

func (u *Unpacker) milestone(call int64) CaseMilestone {
	m := CaseMilestone{Name: u.word(milestoneWords), Confidence: -1}
	flags := u.byte()
	m.Unit, m.Agency = u.team()
	m.At, m.Evidence, m.Verdict = call+u.varint(), u.word(evidenceWords), u.word(verdictWords)
	m.KnownAfter, m.WitnessAfter, m.ByDevice = u.varint(), u.varint(), flags&flagByDevice != 0
	if flags&flagConfidence != 0 {
		m.Confidence = float64(u.uvarint()) / permille
	}
	return m
}

func (u *Unpacker) interval(call int64) CaseInterval {
	i := CaseInterval{Name: u.word(intervalWords)}
	flags := u.byte()
	i.Unit, i.Agency = u.team()
	i.Ended, i.Lasted, i.Limit = call+u.varint(), u.varint(), u.varint()
	i.Within, i.Contradictory = flags&flagWithin != 0, flags&flagContradictory != 0
	i.Corrected, i.SupersededBefore = flags&flagCorrected != 0, flags&flagSuperseded != 0
	return i
}

func (u *Unpacker) team() (unit, agency string) {
	at := u.uvarint()
	if at >= uint64(len(u.teams)) {
		u.bad = true
		return "", ""
	}
	return u.teams[at][0], u.teams[at][1]
}

func (u *Unpacker) word(words []string) string {
	switch at := int(u.byte()); {
	case u.bad:
		return ""
	case at == 0:
		return u.text()
	case at <= len(words):
		return words[at-1]
	}
	u.bad = true
	return ""
}

func (u *Unpacker) byte() byte {
	if len(u.b) == 0 {
		u.bad = true
		return 0
	}
	v := u.b[0]
	u.b = u.b[1:]
	return v
}

func (u *Unpacker) varint() int64 {
	v, n := binary.Varint(u.b)
	if n <= 0 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *Unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.bad, u.b = true, nil
		return 0
	}
	u.b = u.b[n:]
	return v
}

// count is a number of things that follow, each of at least one byte.
func (u *Unpacker) count() int {
	n := u.uvarint()
	if n > uint64(len(u.b)) {
		u.bad = true
		return 0
	}
	return int(n) // #nosec G115 -- no more than the bytes that are left, by the lines above
}

func (u *Unpacker) bytes() []byte {
	n := u.count()
	v := u.b[:n]
	u.b = u.b[n:]
	return v
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
