package tracker

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"htgateway/gateway/journal"
	"htgateway/geo"
)

// errPacked is returned of bytes that [pack] did not make.
var errPacked = errors.New("packed fixes are not whole")

// What follows in a packed fix, beside what always does, and what it is. The common
// ones come first: a fix that has no other has one byte of them.
const (
	knownApart      = 1 << iota // when it was known, as it was not at its own time
	takenApart                  // when the device says that it was taken, as that is not its own time
	neverTaken                  // or the device does not say it
	idIsText                    // the report's id as it stands, not the bytes of a digest
	wayChanges                  // what is another than of the fix before: the way,
	whyChanges                  // why it was left out,
	incidentChanges             // and the incident
	knownAs                     // the id by which it stands in the order of knowledge, as it is not the report's
	isDoubted                   // and what is set of the fix
	isOn
	isAside
	hasNoLock
	isBlurred
	isForgotten
)

// previous is what the next fix of a block is told against.
type previous struct {
	own      int64 // seconds
	numbers  [6]decimal
	way      uint64
	why      geo.Exclusion
	incident string
}

// pack writes fixes in order, none of which may be missing anything that a fix has.
// Times are kept to the nanosecond and come back as UTC, numbers to the bit.
func pack(list []*told, ways *[]*origin) []byte {
	latest, aside := list[0].known.at, uint64(0)
	for _, e := range list {
		if e.known.at.After(latest) {
			latest = e.known.at
		}
		if e.aside {
			aside = 1
		}
	}
	out := make([]byte, 0, 64*len(list))
	out = binary.AppendUvarint(out, uint64(len(list))<<1|aside)
	out = appendMoment(out, latest, 0)
	var b previous
	for _, e := range list {
		out = b.append(out, e, ways)
	}
	return slices.Clone(out)
}

// append writes one fix, which is then the previous one.
func (b *previous) append(out []byte, e *told, ways *[]*origin) []byte {
	way := slices.Index(*ways, e.origin)
	if way < 0 {
		way = len(*ways)
		*ways = append(*ways, e.origin)
	}
	id, isDigest := journal.RawDigest(e.own.id)
	f, flags := e.fix, uint64(0)
	for i, is := range [...]bool{
		!e.known.at.Equal(e.own.at), !f.Time.Equal(e.own.at) && !f.Time.IsZero(), f.Time.IsZero(), !isDigest,
		uint64(way) != b.way, e.why != b.why, e.incident != b.incident, e.known.id != e.own.id,
		e.doubted, e.on, e.aside, f.NoLock, f.Blurred, f.Forgotten,
	} {
		if is {
			flags |= 1 << i
		}
	}
	out = binary.AppendUvarint(out, flags)
	out = appendMoment(out, e.own.at, b.own)
	b.own = e.own.at.Unix()
	if isDigest {
		out = append(out, id[:]...)
	} else {
		out = appendText(out, e.own.id)
	}
	if flags&knownApart != 0 {
		out = appendMoment(out, e.known.at, b.own)
	}
	if flags&knownAs != 0 {
		out = appendText(out, e.known.id)
	}
	if flags&takenApart != 0 {
		out = appendMoment(out, f.Time, b.own)
	}
	if flags&wayChanges != 0 {
		b.way = uint64(way) // #nosec G115 -- an index
		out = binary.AppendUvarint(out, b.way)
	}
	if flags&whyChanges != 0 {
		b.why = e.why
		out = appendText(out, string(e.why))
	}
	if flags&incidentChanges != 0 {
		b.incident = e.incident
		out = appendText(out, e.incident)
	}
	out = b.numbers[0].append(out, f.Point[0])
	out = b.numbers[1].append(out, f.Point[1])
	for i, r := range [...]geo.Reading{f.AccuracyM, f.SpeedMPS, f.CourseDeg, f.AltitudeM} {
		if v, known := r.Value(); known {
			out = b.numbers[2+i].append(out, v)
		} else {
			out = append(out, unknownNumber)
		}
	}
	return out
}

// appendMoment writes a time as it lies from a second, with the digits that it has.
func appendMoment(out []byte, t time.Time, since int64) []byte {
	grain, ns := uint64(0), uint64(t.Nanosecond()) // #nosec G115 -- below a second
	switch {
	case ns == 0:
	case ns%1e6 == 0:
		grain, ns = 1, ns/1e6
	case ns%1e3 == 0:
		grain, ns = 2, ns/1e3
	default:
		grain = 3
	}
	out = binary.AppendUvarint(out, zigzag(t.Unix()-since)<<2|grain)
	if grain > 0 {
		out = binary.AppendUvarint(out, ns)
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// zigzag makes small numbers of either sign small ones.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) } // #nosec G115 -- the same bits

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) } // #nosec G115 -- the same bits

// decimal is a number as digits and how many of them stand behind the point. What a
// device tells nearly always is one.
type decimal struct {
	digits int64
	scale  uint8
}

// tens are the scales that are tried. What stands in their place for numbers that are
// written in no scale: those that are not known, and those of 64 bits.
var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

const (
	unknownNumber = 14
	wholeNumber   = 15
	scaleBits     = 4
)

// decimalOf is a number in a scale; false when it is not exactly one.
func decimalOf(v float64, scale uint8) (decimal, bool) {
	digits := math.RoundToEven(v * tens[scale])
	if !(math.Abs(digits) < 1<<53) || digits/tens[scale] != v || v == 0 && math.Signbit(v) {
		return decimal{}, false
	}
	return decimal{int64(digits), scale}, true
}

// append writes the next number of its kind, and remembers it: in the scale of the one
// before when it can be, as the way from that one.
func (d *decimal) append(out []byte, v float64) []byte {
	now, is := decimalOf(v, d.scale)
	for scale := uint8(0); !is && int(scale) < len(tens); scale++ {
		now, is = decimalOf(v, scale)
	}
	if !is {
		return binary.LittleEndian.AppendUint64(append(out, wholeNumber), math.Float64bits(v))
	}
	way := now.digits
	if now.scale == d.scale {
		way -= d.digits
	}
	*d = now
	return binary.AppendUvarint(out, zigzag(way)<<scaleBits|uint64(now.scale))
}

// unpacking reads what [pack] wrote.
type unpacking struct {
	in     []byte
	broken bool
}

func (u *unpacking) number() uint64 {
	n, size := binary.Uvarint(u.in)
	if size <= 0 {
		u.broken, u.in = true, nil
		return 0
	}
	u.in = u.in[size:]
	return n
}

func (u *unpacking) bytes(n uint64) []byte {
	if n > uint64(len(u.in)) {
		u.broken, u.in = true, nil
		return nil
	}
	b := u.in[:n]
	u.in = u.in[n:]
	return b
}

func (u *unpacking) text() string { return string(u.bytes(u.number())) }

func (u *unpacking) moment(since int64) time.Time {
	n, ns := u.number(), uint64(0)
	switch n & 3 {
	case 1:
		ns = u.number() * 1e6
	case 2:
		ns = u.number() * 1e3
	case 3:
		ns = u.number()
	}
	if ns >= 1e9 {
		u.broken = true
		return time.Time{}
	}
	return time.Unix(since+unzigzag(n>>2), int64(ns)).UTC() // #nosec G115 -- below a second
}

// reading reads the next number of its kind.
func (u *unpacking) reading(d *decimal) (v float64, known bool) {
	n := u.number()
	switch scale := n & (1<<scaleBits - 1); {
	case n == unknownNumber:
		return 0, false
	case n == wholeNumber:
		if b := u.bytes(8); b != nil {
			return math.Float64frombits(binary.LittleEndian.Uint64(b)), true
		}
		return 0, false
	case scale >= uint64(len(tens)):
		u.broken = true
		return 0, false
	default:
		digits := unzigzag(n >> scaleBits)
		if uint64(d.scale) == scale {
			digits += d.digits
		}
		*d = decimal{digits, uint8(scale)}
		return float64(digits) / tens[scale], true
	}
}

func (u *unpacking) measured(d *decimal) geo.Reading {
	if v, known := u.reading(d); known {
		return geo.Measured(v)
	}
	return geo.Reading{}
}

// head is what stands before a block's fixes.
type head struct {
	fixes    uint64
	anyAside bool
	// latest is when the gateway knew of the one of which it knew last.
	latest time.Time
	rest   unpacking
}

func headOf(packed []byte) head {
	u := unpacking{in: packed}
	n := u.number()
	return head{fixes: n >> 1, anyAside: n&1 != 0, latest: u.moment(0), rest: u}
}

// first is the time and the report of the first fix.
func (h *head) first() mark {
	u := h.rest
	flags := u.number()
	at := u.moment(0)
	return mark{at, u.id(flags, nil)}
}

// firstAt is the time of the first fix.
func (h *head) firstAt() time.Time {
	u := h.rest
	u.number()
	return u.moment(0)
}

// id reads a report's id. Ids in letters share one text.
func (u *unpacking) id(flags uint64, letters *strings.Builder) string {
	if flags&idIsText != 0 {
		return u.text()
	}
	var raw [16]byte
	copy(raw[:], u.bytes(uint64(len(raw))))
	var room [32]byte
	id := journal.AppendDigest(room[:0], raw)
	if letters == nil {
		return string(id)
	}
	from := letters.Len()
	letters.Write(id)
	return letters.String()[from:]
}

// unpack reads what [pack] wrote, with the same ways.
func unpack(packed []byte, ways []*origin) ([]*told, error) {
	h := headOf(packed)
	if h.fixes > uint64(len(packed)) {
		return nil, errPacked
	}
	// One piece of memory for all of each: they come and go together.
	out, each, places := make([]*told, h.fixes), make([]told, h.fixes), make([]geo.Fix, h.fixes)
	var letters strings.Builder
	letters.Grow(26 * len(out))
	var b previous
	u := &h.rest
	for i := range out {
		out[i], each[i].fix = &each[i], &places[i]
		u.fix(out[i], &b, ways, &letters)
	}
	if u.broken || len(u.in) > 0 {
		return nil, errPacked
	}
	return out, nil
}

// fix reads one fix into e, which has room for its place.
func (u *unpacking) fix(e *told, b *previous, ways []*origin, letters *strings.Builder) {
	flags, f := u.number(), e.fix
	e.own.at = u.moment(b.own)
	b.own = e.own.at.Unix()
	e.own.id = u.id(flags, letters)
	e.known = e.own
	if flags&knownApart != 0 {
		e.known.at = u.moment(b.own)
	}
	if flags&knownAs != 0 {
		e.known.id = u.text()
	}
	switch {
	case flags&takenApart != 0:
		f.Time = u.moment(b.own)
	case flags&neverTaken == 0:
		f.Time = e.own.at
	}
	if flags&wayChanges != 0 {
		b.way = u.number()
	}
	if flags&whyChanges != 0 {
		b.why = geo.Exclusion(u.text())
	}
	if flags&incidentChanges != 0 {
		b.incident = u.text()
	}
	if b.way >= uint64(len(ways)) {
		u.broken = true
		return
	}
	e.origin, e.why, e.incident = ways[b.way], b.why, b.incident
	e.doubted, e.on, e.aside = flags&isDoubted != 0, flags&isOn != 0, flags&isAside != 0
	f.NoLock, f.Blurred, f.Forgotten = flags&hasNoLock != 0, flags&isBlurred != 0, flags&isForgotten != 0
	f.Point[0], _ = u.reading(&b.numbers[0])
	f.Point[1], _ = u.reading(&b.numbers[1])
	f.AccuracyM, f.SpeedMPS = u.measured(&b.numbers[2]), u.measured(&b.numbers[3])
	f.CourseDeg, f.AltitudeM = u.measured(&b.numbers[4]), u.measured(&b.numbers[5])
}
