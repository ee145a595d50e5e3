package nmea

import (
	"bytes"
	"errors"
	"fmt"
)

// MaxSentence is the longest sentence that is read, in bytes. The standard says
// 82; Kenwood's own sentences are longer.
const MaxSentence = 200

// Reasons for refusing a sentence.
var (
	ErrNoChecksum  = errors.New("nmea: no checksum")
	ErrChecksum    = errors.New("nmea: checksum does not match")
	ErrNotSentence = errors.New("nmea: not a sentence")
)

// Sentence is one checked sentence: its name and its fields.
type Sentence struct {
	// Name is the first field without '$', "GPRMC".
	Name string
	// Fields are what follows, without the checksum.
	Fields []string
}

// Field returns the i-th field after the name, empty when there is none.
func (s Sentence) Field(i int) string {
	if i < 0 || i >= len(s.Fields) {
		return ""
	}
	return s.Fields[i]
}

// Split checks one bare sentence, "$...*hh" without its line end, and cuts it
// into fields. The checksum is the exclusive or of all bytes between '$' and '*'
// (NMEA 0183 section 5.3) and must be there. Errors: [ErrNotSentence],
// [ErrNoChecksum], [ErrChecksum].
func Split(line []byte) (Sentence, error) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < 4 || line[0] != '$' || len(line) > MaxSentence {
		return Sentence{}, ErrNotSentence
	}
	star := bytes.LastIndexByte(line, '*')
	if star < 0 || len(line)-star < 3 {
		return Sentence{}, ErrNoChecksum
	}
	var sum byte
	for _, b := range line[1:star] {
		sum ^= b
	}
	high, ok1 := hexDigit(line[star+1])
	low, ok2 := hexDigit(line[star+2])
	if !ok1 || !ok2 || len(bytes.TrimSpace(line[star+3:])) > 0 {
		return Sentence{}, fmt.Errorf("%w: %q after '*'", ErrChecksum, line[star+1:])
	}
	if sent := high<<4 | low; sent != sum {
		return Sentence{}, fmt.Errorf("%w: sent %02X, computed %02X", ErrChecksum, sent, sum)
	}
	return cut(string(line[1:star])), nil
}

func cut(body string) Sentence {
	n := 1
	for i := range len(body) {
		if body[i] == ',' {
			n++
		}
	}
	parts := make([]string, 0, n)
	from := 0
	for i := range len(body) {
		if body[i] == ',' {
			parts = append(parts, body[from:i])
			from = i + 1
		}
	}
	parts = append(parts, body[from:])
	return Sentence{Name: parts[0], Fields: parts[1:]}
}

func hexDigit(b byte) (byte, bool) {
	switch {
	case b >= '0' && b <= '9':
		return b - '0', true
	case b >= 'A' && b <= 'F':
		return b - 'A' + 10, true
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10, true
	}
	return 0, false
}
