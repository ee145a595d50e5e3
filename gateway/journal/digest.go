package journal

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"iter"
)

// ID16 is an id in sixteen bytes.
type ID16 = [16]byte

var lettersAndDigits = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Digest makes an id of 26 letters and digits from the parts, which it joins so
// that no two lists of parts look alike.
func Digest(parts ...string) string { return FormatID(Hash(parts...)) }

// FormatID writes an id as [Digest] does.
func FormatID(id ID16) string { return lettersAndDigits.EncodeToString(id[:]) }

// HashID is the id that a text was formatted from, or the hash of any other text.
func HashID(text string) ID16 {
	if raw, is := RawDigest(text); is {
		return raw
	}
	return Hash(text)
}

// Hash is the same as [Digest] in sixteen bytes.
func Hash(parts ...string) ID16 {
	b := make([]byte, 0, 256)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return ID16(sum[:16])
}

// RawDigest returns the 16 bytes that an id stands for; the second result is false for
// an id that [Digest] does not make.
func RawDigest(id string) (raw ID16, is bool) {
	room := make([]byte, 0, 32)
	b, err := lettersAndDigits.AppendDecode(room, []byte(id))
	if err != nil || len(b) != len(raw) {
		return raw, false
	}
	raw = ID16(b)
	return raw, FormatID(raw) == id // other letters may be read as the same bytes
}

// AppendDigest appends the id that stands for 16 bytes.
func AppendDigest(out []byte, raw ID16) []byte {
	return lettersAndDigits.AppendEncode(out, raw[:])
}

// Sum adds up what a journal holds, entry by entry in their order: number, id, kind,
// times and body. Two journals with equal sums hold the same.
type Sum struct {
	hash    hash.Hash
	entries uint64
}

// NewSum is the sum of an empty journal.
func NewSum() *Sum { return &Sum{hash: sha256.New()} }

// Add takes the next entry. Its number must be the one after the last.
func (s *Sum) Add(e Entry) error {
	if e.Seq != s.entries+1 {
		return fmt.Errorf("%w: entry %d follows entry %d", ErrCorrupt, e.Seq, s.entries)
	}
	s.entries = e.Seq
	b := make([]byte, 0, 256)
	for _, n := range []uint64{e.Seq, uint64(e.At.UnixNano()), uint64(e.JournaledAt.UnixNano()), uint64(len(e.ID)), uint64(len(e.Kind)), uint64(len(e.Body))} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	_, _ = s.hash.Write(append(append(b, e.ID...), e.Kind...)) // a hash never fails
	_, _ = s.hash.Write(e.Body)
	return nil
}

// Entries is how many were added.
func (s *Sum) Entries() uint64 { return s.entries }

// String is the sum in letters and digits.
func (s *Sum) String() string { return lettersAndDigits.EncodeToString(s.hash.Sum(nil)) }

// SumOf adds up entries. An error among them is returned at once.
func SumOf(entries iter.Seq2[Entry, error]) (*Sum, error) {
	s := NewSum()
	for e, err := range entries {
		if err == nil {
			err = s.Add(e)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}
