package jetstream

import (
	"fmt"
	"hash/crc32"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"htgateway/gateway/journal"
)

// batch is one message of the stream: records that were journaled together.
type batch struct {
	// mark is the same for every attempt to publish it, and no other batch's.
	mark string
	// epoch counts the gateways that wrote the journal, one after the other.
	epoch uint64
	// first is the number of its first entry, or of the next one when it has none.
	first uint64
	// at is when the journal took it, UTC.
	at      time.Time
	records []journal.Record
	// target is the message in whose place this one stands, 0 for one that is new: what
	// had to be forgotten is not in it any more.
	target uint64
	// older are messages that stood there before.
	older []uint64
}

// end is the number of its last entry, or of the one before it when it has none.
func (b *batch) end() uint64 { return b.first + uint64(len(b.records)) - 1 }

// Fields of a message in protobuf's wire format, and of a record in it.
const (
	fieldMark protowire.Number = iota + 1
	fieldEpoch
	fieldFirst
	fieldAt
	fieldRecord
	fieldTarget
	fieldOlder
	fieldSum // last: a checksum (CRC-32C) of all before it
)
const (
	fieldID protowire.Number = iota + 1
	fieldKind
	fieldReceived
	fieldBody
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (b *batch) encode() []byte {
	number := func(out []byte, n protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(out, n, protowire.VarintType), v)
	}
	text := func(out []byte, n protowire.Number, v string) []byte {
		return protowire.AppendString(protowire.AppendTag(out, n, protowire.BytesType), v)
	}
	out := text(nil, fieldMark, b.mark)
	out = number(out, fieldEpoch, b.epoch)
	out = number(out, fieldFirst, b.first)
	out = number(out, fieldAt, uint64(b.at.UnixNano()))
	out = number(out, fieldTarget, b.target)
	for _, seq := range b.older {
		out = number(out, fieldOlder, seq)
	}
	for _, r := range b.records {
		rec := text(nil, fieldID, r.ID)
		rec = text(rec, fieldKind, string(r.Kind))
		rec = number(rec, fieldReceived, uint64(r.At.UnixNano()))
		rec = protowire.AppendBytes(protowire.AppendTag(rec, fieldBody, protowire.BytesType), r.Body)
		out = protowire.AppendBytes(protowire.AppendTag(out, fieldRecord, protowire.BytesType), rec)
	}
	return protowire.AppendFixed32(protowire.AppendTag(out, fieldSum, protowire.Fixed32Type), crc32.Checksum(out, castagnoli))
}

// decode reads a message and checks it; errors wrap [journal.ErrCorrupt].
func decode(msg []byte) (*batch, error) {
	b := &batch{}
	sound := false
	err := fields(msg, func(n protowire.Number, at int, v uint64, text []byte) error {
		switch n {
		case fieldMark:
			b.mark = string(text)
		case fieldEpoch:
			b.epoch = v
		case fieldFirst:
			b.first = v
		case fieldAt:
			b.at = time.Unix(0, int64(v)).UTC()
		case fieldTarget:
			b.target = v
		case fieldOlder:
			b.older = append(b.older, v)
		case fieldRecord:
			r, err := decodeRecord(text)
			b.records = append(b.records, r)
			return err
		case fieldSum:
			sound = v == uint64(crc32.Checksum(msg[:at], castagnoli))
		}
		return nil
	})
	if err == nil && !sound {
		err = fmt.Errorf("%w: a message of the stream", journal.ErrCorrupt)
	}
	return b, err
}

func decodeRecord(msg []byte) (r journal.Record, err error) {
	err = fields(msg, func(n protowire.Number, _ int, v uint64, text []byte) error {
		switch n {
		case fieldID:
			r.ID = string(text)
		case fieldKind:
			r.Kind = journal.Kind(text)
		case fieldReceived:
			r.At = time.Unix(0, int64(v)).UTC()
		case fieldBody:
			r.Body = append([]byte{}, text...)
		}
		return nil
	})
	return r, err
}

// fields calls take with every field, where it begins, and its number or bytes.
func fields(msg []byte, take func(n protowire.Number, at int, v uint64, text []byte) error) error {
	for at := 0; at < len(msg); {
		begin := at
		n, kind, size := protowire.ConsumeTag(msg[at:])
		if size < 0 {
			return fmt.Errorf("%w: %w", journal.ErrCorrupt, protowire.ParseError(size))
		}
		at += size
		var v uint64
		var text []byte
		switch kind {
		case protowire.VarintType:
			v, size = protowire.ConsumeVarint(msg[at:])
		case protowire.Fixed32Type:
			var short uint32
			short, size = protowire.ConsumeFixed32(msg[at:])
			v = uint64(short)
		case protowire.BytesType:
			text, size = protowire.ConsumeBytes(msg[at:])
		default:
			size = protowire.ConsumeFieldValue(n, kind, msg[at:])
		}
		if size < 0 {
			return fmt.Errorf("%w: %w", journal.ErrCorrupt, protowire.ParseError(size))
		}
		at += size
		if err := take(n, begin, v, text); err != nil {
			return err
		}
	}
	return nil
}
