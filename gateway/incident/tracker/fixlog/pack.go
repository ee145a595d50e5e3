package fixlog

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"htgateway/gateway/journal"
	"htgateway/geo"
)

// ErrBroken is wrapped for bytes that this package did not pack.
var ErrBroken = errors.New("packed fixes are not whole")

// What follows in a packed fix, beside what always does, and what it is. The common
// ones come first: a fix that has no other has one byte of them.
const (
	knownApart      = 1 << iota // when it was known, as it was not at its own time
	takenApart                  // when the device says that it was taken, as that is not its own time
	neverTaken                  // or the device does not say it
	idIsText                    // the report's id as it stands, not the bytes of a digest
	originChanges               // what is another than of the fix before: the way,
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

// deltaBase is what the next fix of a block is written against: the one before.
type deltaBase struct {
	own      int64 // seconds
	seq      uint64
	numbers  [6]decimal
	origin   uint64
	why      geo.Exclusion
	incident string
}

// pack writes fixes in order, none of which may be missing anything that a fix has.
// Times are kept to the nanosecond and come back as UTC, numbers to the bit.
func pack(list []*Entry, origins *[]*Origin) []byte {
	latest, aside := list[0].Known.Seq, uint64(0)
	for _, e := range list {
		latest = max(latest, e.Known.Seq)
		if e.Aside {
			aside = 1
		}
	}
	out := make([]byte, 0, 64*len(list))
	out = binary.AppendUvarint(out, uint64(len(list))<<1|aside)
	out = binary.AppendUvarint(out, latest)
	var b deltaBase
	for _, e := range list {
		out = b.append(out, e, origins)
	}
	return slices.Clone(out)
}

// append writes one fix, which is then the previous one.
func (b *deltaBase) append(out []byte, e *Entry, origins *[]*Origin) []byte {
	origin := slices.Index(*origins, e.Origin)
	if origin < 0 {
		origin = len(*origins)
		*origins = append(*origins, e.Origin)
	}
	id, isDigest := journal.RawDigest(e.Own.ID)
	f, flags := e.Fix, uint64(0)
	for i, is := range [...]bool{
		!e.Known.At.Equal(e.Own.At), !f.Time.Equal(e.Own.At) && !f.Time.IsZero(), f.Time.IsZero(), !isDigest,
		uint64(origin) != b.origin, e.Why != b.why, e.Incident != b.incident, e.Known.ID != e.Own.ID,
		e.Doubted, e.On, e.Aside, f.NoLock, f.Blurred, f.Forgotten,
	} {
		if is {
			flags |= 1 << i
		}
	}
	out = binary.AppendUvarint(out, flags)
	out = appendMoment(out, e.Own.At, b.own)
	b.own = e.Own.At.Unix()
	if isDigest {
		out = append(out, id[:]...)
	} else {
		out = appendText(out, e.Own.ID)
	}
	out = binary.AppendUvarint(out, zigzag(int64(e.Known.Seq-b.seq)))
	b.seq = e.Known.Seq
	if flags&knownApart != 0 {
		out = appendMoment(out, e.Known.At, b.own)
	}
	if flags&knownAs != 0 {
		out = appendText(out, e.Known.ID)
	}
	if flags&takenApart != 0 {
		out = appendMoment(out, f.Time, b.own)
	}
	if flags&originChanges != 0 {
		b.origin = uint64(origin)
		out = binary.AppendUvarint(out, b.origin)
	}
	if flags&whyChanges != 0 {
		b.why = e.Why
		out = appendText(out, string(e.Why))
	}
	if flags&incidentChanges != 0 {
		b.incident = e.Incident
		out = appendText(out, e.Incident)
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
	grain, ns := uint64(0), uint64(t.Nanosecond())
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
