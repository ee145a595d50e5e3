package tetra

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"htgateway/devices"
)

const (
	indication = "+CTSDSR:"

	// maxBits is the most user data that a short data message can hold.
	maxBits = 2047
	// maxID is the most digits that an identity can have: an external subscriber
	// number has up to 24, a TSI up to 16.
	maxID = 24
)

// AI services of an indication (EN 300 392-5 clause 6.17.3).
const (
	serviceSDS1   = 9
	serviceSDS3   = 11
	serviceSDS4   = 12
	serviceStatus = 13
)

// header is the first line of an indication.
type header struct {
	service         int
	calling, called string
	bits            int
	// digits are the user data when they stand on the same line.
	digits []byte
}

// parseHeader reads an indication: service, calling, its type, called, its type,
// length in bits and perhaps whether it was encrypted end to end; or the short
// forms of service, called, perhaps its type, length. Some firmware puts the
// user data behind a comma on the same line.
func parseHeader(line []byte) (header, error) {
	fields := strings.Split(string(line[len(indication):]), ",")
	for i, f := range fields {
		fields[i] = strings.TrimSpace(f)
	}
	var h header
	if fits(fields) {
		h.digits = []byte(fields[len(fields)-1])
		fields = fields[:len(fields)-1]
	}
	var length string
	switch len(fields) {
	case 3, 4:
		h.called, length = fields[1], fields[len(fields)-1]
	case 6, 7:
		h.calling, h.called, length = fields[1], fields[3], fields[5]
	default:
		return header{}, fmt.Errorf("%w: indication of %d fields", ErrGrammar, len(fields))
	}
	var err error
	if h.service, err = number(fields[0], serviceStatus); err != nil || h.service < serviceSDS1 {
		return header{}, fmt.Errorf("%w: service %q", ErrGrammar, fields[0])
	}
	if !identity(h.calling) || !identity(h.called) {
		return header{}, fmt.Errorf("%w: from %q to %q", ErrGrammar, h.calling, h.called)
	}
	if h.bits, err = number(length, maxBits); err != nil || h.bits == 0 {
		return header{}, fmt.Errorf("%w: length %q", ErrGrammar, length)
	}
	return h, nil
}

// fits tells whether the last field is user data: as many digits as the length
// announces, which is the third or fourth field of a short form and the sixth of
// a full one.
func fits(fields []string) bool {
	last := len(fields) - 1
	length := last - 1
	switch last {
	case 3, 4, 6:
	case 7:
		length = 5 // end-to-end encryption stands between
	default:
		return false
	}
	if len(fields[last]) < 2 || !isHex([]byte(fields[last])) {
		return false
	}
	bits, err := number(fields[length], maxBits)
	return err == nil && rightLength(len(fields[last]), bits)
}

// number reads a decimal number of digits only.
func number(s string, most int) (int, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, ErrGrammar
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > most {
		return 0, ErrGrammar
	}
	return n, nil
}

// identity tells whether s is an ISSI, a full TSI, an external number, or nobody.
func identity(s string) bool {
	return len(s) <= maxID && strings.Trim(s, "0123456789") == ""
}

// name fills who speaks and to whom, digit for digit as sent.
func (h header) name(r *devices.Report) {
	if h.calling != "" {
		r.Device = devices.Identity("tetra:" + h.calling)
	}
	r.To = h.called
}

// rightLength tells whether so many digits can carry so many bits: as few as
// hold them (Sepura, odd counts too) or padded to whole bytes (Motorola).
func rightLength(digits, bits int) bool {
	least := (bits + 3) / 4
	return digits == least || digits == (bits+7)/8*2
}

func isHex(b []byte) bool {
	for _, c := range b {
		if _, ok := nibble(c); !ok {
			return false
		}
	}
	return len(b) > 0
}

func nibble(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

// userData reads the hexadecimal digits of an indication. The header's length
// counts, not the digits.
func userData(digits []byte, bits int) (bitReader, error) {
	digits = bytes.TrimSpace(digits)
	if !isHex(digits) {
		return bitReader{}, fmt.Errorf("%w: user data is not hexadecimal", ErrGrammar)
	}
	if !rightLength(len(digits), bits) {
		return bitReader{}, fmt.Errorf("%w: %d digits for %d bits", ErrLength, len(digits), bits)
	}
	data := make([]byte, (len(digits)+1)/2)
	for i, c := range digits {
		n, _ := nibble(c)
		if i%2 == 0 {
			n <<= 4
		}
		data[i/2] |= n
	}
	return bitReader{data: data, bits: bits}, nil
}
