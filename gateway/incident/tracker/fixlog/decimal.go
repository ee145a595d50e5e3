package fixlog

import (
	"encoding/binary"
	"math"
)

// zigzag makes small numbers of either sign small ones.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

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

// append writes the next number of its kind, and remembers it: in the scale of the one before
// when it can be, as the difference to that one.
func (d *decimal) append(out []byte, v float64) []byte {
	now, is := decimalOf(v, d.scale)
	for scale := uint8(0); !is && int(scale) < len(tens); scale++ {
		now, is = decimalOf(v, scale)
	}
	if !is {
		return binary.LittleEndian.AppendUint64(append(out, wholeNumber), math.Float64bits(v))
	}
	origin := now.digits
	if now.scale == d.scale {
		origin -= d.digits
	}
	*d = now
	return binary.AppendUvarint(out, zigzag(origin)<<scaleBits|uint64(now.scale))
}
