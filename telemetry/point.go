package telemetry

import (
	"slices"
	"strconv"
	"strings"
)

// Names of fields that this package gives a meaning.
const (
	// SupersededField is true on the old identity of a milestone or interval
	// whose time or evidence was corrected, and of a key or fix that turned out to be
	// another unit's or nobody's.
	SupersededField = "superseded"
	// ContradictoryField is true on an interval that ends before it starts.
	ContradictoryField = "contradictory"
	// CorrectedField is true on an interval that took the place of an earlier
	// value with the same end. One whose end moved leaves a superseded point.
	CorrectedField = "corrected"
	// EndedField is why an interval's report never came: "released", "moved" or
	// "closed". The interval is then over its limit and at least as long as it says.
	EndedField = "ended"
	// ClockField says whose clock timed a milestone: [DeviceClock] or [GatewayClock].
	ClockField = "clock"
	// KnownAfterField is how long after a milestone's time the gateway learned of
	// it, in seconds. Negative: the device's clock is ahead.
	KnownAfterField = "known_after_s"
	// WitnessAfterField is how long after an arrival its second witness came, in
	// seconds; 0 without one.
	WitnessAfterField = "witness_after_s"
)

// areaTag is the tag that every point has: the service area, so that several can share
// a server and be compared.
const areaTag = "area"

// Whose clock timed a milestone.
const (
	DeviceClock  = "device"
	GatewayClock = "gateway"
)

// Tag returns the value of a tag, empty when the point has none of that key.
func (p Point) Tag(key string) string {
	for _, t := range p.Tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}

// Field returns the value of a field, nil when the point has none of that key.
func (p Point) Field(key string) any {
	for _, f := range p.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return nil
}

// Superseded reports that a correction has replaced the point.
func (p Point) Superseded() bool {
	v, _ := p.Field(SupersededField).(bool)
	return v
}

// Series names what the point shares with the others of its series: measurement
// and tags. Different series never share a name.
func (p Point) Series() string {
	var b strings.Builder
	b.WriteString(p.Measurement)
	for _, t := range p.Tags {
		b.WriteByte(0)
		b.WriteString(t.Key)
		b.WriteByte(1)
		b.WriteString(t.Value)
	}
	return b.String()
}

// Identity names what makes the point that point: a second one with the same
// identity replaces it.
func (p Point) Identity() string {
	return p.Series() + "\x00\x00" + strconv.FormatInt(p.Time.UnixNano(), 10)
}

// makeTags sorts pairs of key and value by key, makes the values fit and leaves
// out what is empty.
func makeTags(pairs ...string) []Tag {
	out := make([]Tag, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := TagValue(pairs[i+1]); v != "" {
			out = append(out, Tag{pairs[i], v})
		}
	}
	slices.SortFunc(out, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// withTag is the point with a tag of that value, without one when it is empty.
func withTag(p Point, key, value string) Point {
	at, found := slices.BinarySearchFunc(p.Tags, key, func(t Tag, key string) int { return strings.Compare(t.Key, key) })
	switch {
	case found && p.Tags[at].Value == value, !found && value == "":
		return p
	case !found:
		p.Tags = slices.Insert(slices.Clone(p.Tags), at, Tag{key, value})
	case value == "":
		p.Tags = slices.Delete(slices.Clone(p.Tags), at, at+1)
	default:
		p.Tags = slices.Clone(p.Tags)
		p.Tags[at].Value = value
	}
	return p
}

// withField is the point with a field of that value.
func withField(p Point, key string, value any) Point {
	p.Fields = slices.Clone(p.Fields)
	if at := slices.IndexFunc(p.Fields, func(f Field) bool { return f.Key == key }); at >= 0 {
		p.Fields[at].Value = value
		return p
	}
	p.Fields = append(p.Fields, Field{key, value})
	return p
}
