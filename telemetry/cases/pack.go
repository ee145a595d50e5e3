package cases

import (
	"encoding/binary"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry"
)

// Packed is a [Case] in few bytes: a year of a busy county is read in a fraction
// of a second. Numbers are varints; texts that every county has are one byte, others
// stand in full. The first byte is the version of the format.
type Packed []byte

const packedVersion = 1

// Words that stand for one byte each, their place here and 1. Append only: stored
// cases hold the places.
var (
	milestoneWords = []string{
		string(incident.Received), string(incident.Dispatched), string(incident.Acknowledged), string(incident.EnRoute), string(incident.OnScene),
		string(incident.InProgress), string(incident.Completed), string(incident.Closed), telemetry.TakenOff,
		string(incident.Merged), string(incident.Cancelled),
	}
	intervalWords = []string{
		string(sop.CallProcessing), string(sop.Turnout), string(sop.Travel), string(sop.Response), string(sop.OnSceneTime), string(sop.Total),
		string(sop.OnSceneUpdate), string(sop.ProgressUpdate), string(sop.Monitoring), string(sop.Closing), string(sop.WholeFlow),
	}
	evidenceWords = []string{string(incident.ByKey), string(incident.ByGeofence), string(incident.ByDispatcher), string(incident.ByCAD)}
	verdictWords  = []string{"", incident.Confirmed, incident.KeyOnly, incident.GPSOnly, incident.Conflict, incident.Corrected}
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
	flagUnreported
)

// permille is the unit in which confidence is packed.
const permille = 1000

// Pack packs a case.
func (c Case) Pack() Packed {
	b := append(make([]byte, 0, 64+24*(len(c.Milestones)+len(c.Intervals))), packedVersion)
	b = appendString(b, c.Incident)
	b = appendString(b, c.Category)
	b = appendString(b, c.District)
	call := c.Received.UnixNano()
	b = binary.AppendVarint(b, call)
	b = binary.AppendUvarint(b, uint64(len(c.Teams)))
	for _, t := range c.Teams {
		b = appendString(appendString(b, t.Unit), t.Agency)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Milestones)))
	b = binary.AppendUvarint(b, uint64(len(c.Intervals)))
	for _, m := range c.Milestones {
		b = appendWord(b, milestoneWords, m.Name)
		b = append(b, flag(m.ByDevice, flagByDevice)|flag(m.Confidence >= 0, flagConfidence))
		b = binary.AppendUvarint(b, uint64(m.Team))
		b = binary.AppendVarint(b, m.At-call)
		b = appendWord(b, evidenceWords, m.Evidence)
		b = appendWord(b, verdictWords, m.Verdict)
		b = binary.AppendVarint(b, m.KnownAfter)
		b = binary.AppendVarint(b, m.WitnessAfter)
		if m.Confidence >= 0 {
			b = binary.AppendUvarint(b, uint64(m.Confidence*permille))
		}
	}
	for _, i := range c.Intervals {
		b = appendWord(b, intervalWords, i.Name)
		b = append(b, flag(i.Within, flagWithin)|flag(i.Contradictory, flagContradictory)|flag(i.Corrected, flagCorrected)|flag(i.SupersededBefore, flagSuperseded)|flag(i.Unreported, flagUnreported))
		b = binary.AppendUvarint(b, uint64(i.Team))
		b = binary.AppendVarint(b, i.Ended-call)
		b = binary.AppendVarint(b, i.Lasted)
		b = binary.AppendVarint(b, i.Limit)
	}
	return b
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
		return append(b, byte(at+1))
	}
	return appendString(append(b, 0), word)
}
