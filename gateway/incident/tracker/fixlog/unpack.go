package fixlog

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"htgateway/gateway/journal"
	"htgateway/geo"
)

// decoder reads what [pack] wrote.
type decoder struct {
	in     []byte
	broken bool
}

func (u *decoder) number() uint64 {
	n, size := binary.Uvarint(u.in)
	if size <= 0 {
		u.broken, u.in = true, nil
		return 0
	}
	u.in = u.in[size:]
	return n
}

func (u *decoder) bytes(n uint64) []byte {
	if n > uint64(len(u.in)) {
		u.broken, u.in = true, nil
		return nil
	}
	b := u.in[:n]
	u.in = u.in[n:]
	return b
}

func (u *decoder) text() string { return string(u.bytes(u.number())) }

func (u *decoder) moment(since int64) time.Time {
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
	return time.Unix(since+unzigzag(n>>2), int64(ns)).UTC()
}

// reading reads the next number of its kind.
func (u *decoder) reading(d *decimal) (v float64, known bool) {
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

func (u *decoder) measured(d *decimal) geo.Reading {
	if v, known := u.reading(d); known {
		return geo.Measured(v)
	}
	return geo.Reading{}
}

// blockHead is what is written before a block's fixes.
type blockHead struct {
	fixes    uint64
	anyAside bool
	// latest is the journal's number of the one that came last.
	latest uint64
	rest   decoder
}

func headOf(packed []byte) blockHead {
	u := decoder{in: packed}
	n := u.number()
	return blockHead{fixes: n >> 1, anyAside: n&1 != 0, latest: u.number(), rest: u}
}

// first is the time and the report of the first fix.
func (h *blockHead) first() Key {
	u := h.rest
	flags := u.number()
	at := u.moment(0)
	return Key{at, u.id(flags, nil)}
}

// firstAt is the time of the first fix.
func (h *blockHead) firstAt() time.Time {
	u := h.rest
	u.number()
	return u.moment(0)
}

// id reads a report's id. Ids in letters share one text.
func (u *decoder) id(flags uint64, letters *strings.Builder) string {
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

// unpack reads what [pack] wrote, with the same origins.
func unpack(packed []byte, origins []*Origin) ([]*Entry, error) {
	h := headOf(packed)
	if h.fixes > uint64(len(packed)) {
		return nil, ErrBroken
	}
	// One piece of memory for all of each: they come and go together.
	out, each, places := make([]*Entry, h.fixes), make([]Entry, h.fixes), make([]geo.Fix, h.fixes)
	var letters strings.Builder
	letters.Grow(26 * len(out))
	var b deltaBase
	u := &h.rest
	for i := range out {
		out[i], each[i].Fix = &each[i], &places[i]
		u.fix(out[i], &b, origins, &letters)
	}
	if u.broken || len(u.in) > 0 {
		return nil, ErrBroken
	}
	return out, nil
}

// fix reads one fix into e, which has room for its place.
func (u *decoder) fix(e *Entry, b *deltaBase, origins []*Origin, letters *strings.Builder) {
	flags, f := u.number(), e.Fix
	e.Own.At = u.moment(b.own)
	b.own = e.Own.At.Unix()
	e.Own.ID = u.id(flags, letters)
	b.seq += uint64(unzigzag(u.number()))
	e.Known = Known{b.seq, e.Own}
	if flags&knownApart != 0 {
		e.Known.At = u.moment(b.own)
	}
	if flags&knownAs != 0 {
		e.Known.ID = u.text()
	}
	switch {
	case flags&takenApart != 0:
		f.Time = u.moment(b.own)
	case flags&neverTaken == 0:
		f.Time = e.Own.At
	}
	if flags&originChanges != 0 {
		b.origin = u.number()
	}
	if flags&whyChanges != 0 {
		b.why = geo.Exclusion(u.text())
	}
	if flags&incidentChanges != 0 {
		b.incident = u.text()
	}
	if b.origin >= uint64(len(origins)) {
		u.broken = true
		return
	}
	e.Origin, e.Why, e.Incident = origins[b.origin], b.why, b.incident
	e.Doubted, e.On, e.Aside = flags&isDoubted != 0, flags&isOn != 0, flags&isAside != 0
	f.NoLock, f.Blurred, f.Forgotten = flags&hasNoLock != 0, flags&isBlurred != 0, flags&isForgotten != 0
	f.Point[0], _ = u.reading(&b.numbers[0])
	f.Point[1], _ = u.reading(&b.numbers[1])
	f.AccuracyM, f.SpeedMPS = u.measured(&b.numbers[2]), u.measured(&b.numbers[3])
	f.CourseDeg, f.AltitudeM = u.measured(&b.numbers[4]), u.measured(&b.numbers[5])
}
