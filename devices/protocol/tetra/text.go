package tetra

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"htgateway/devices"
)

// Text codings that are no table of 256 characters (EN 300 392-2 table 29.29).
const (
	codingGSM    = 0
	codingLatin1 = 1
	codingUTF16  = 26
)

// alphabet is the coding of that number, nil when it is none of those known here.
// Code pages 737, 857, 861 and 869 and VISCII are not.
func alphabet(coding byte) encoding.Encoding {
	pages := [...]encoding.Encoding{
		1: charmap.ISO8859_1, 2: charmap.ISO8859_2, 3: charmap.ISO8859_3, 4: charmap.ISO8859_4, 5: charmap.ISO8859_5,
		6: charmap.ISO8859_6, 7: charmap.ISO8859_7, 8: charmap.ISO8859_8, 9: charmap.ISO8859_9, 10: charmap.ISO8859_10,
		11: charmap.ISO8859_13, 12: charmap.ISO8859_14, 13: charmap.ISO8859_15,
		14: charmap.CodePage437, 16: charmap.CodePage850, 17: charmap.CodePage852, 18: charmap.CodePage855,
		20: charmap.CodePage860, 22: charmap.CodePage863, 23: charmap.CodePage865, 24: charmap.CodePage866,
		codingUTF16: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	}
	if int(coding) >= len(pages) {
		return nil
	}
	return pages[coding]
}

// text reads the coding, a time stamp if flagged, a user data header if there
// must be one, and the text. The time stamp has neither year nor seconds and is
// mostly local time, so it is no time.
func text(b bitReader, withHeader bool, r *devices.Report) error {
	r.Kind = devices.KindMessage
	stamped := b.take(1) == 1
	coding := byte(b.take(7))
	if stamped {
		b.skip(24)
	}
	fill := 0
	if withHeader {
		length := int(b.take(8))
		b.skip(8 * length)
		// A 7-bit text starts on the next whole character after the header.
		fill = (7 - (8*(length+1))%7) % 7
	}
	if b.short {
		return fmt.Errorf("%w: text cut off", ErrLength)
	}
	if coding == codingGSM {
		r.Text = clean(gsm(b.rest(), fill, b.left()))
		return nil
	}
	page := alphabet(coding)
	if page == nil {
		return fmt.Errorf("%w: %d", ErrCoding, coding)
	}
	if b.left()%8 != 0 {
		return fmt.Errorf("%w: text of %d bits", ErrLength, b.left())
	}
	said, err := page.NewDecoder().Bytes(b.rest())
	if err != nil {
		return fmt.Errorf("%w: coding %d: %w", ErrGrammar, coding, err)
	}
	r.Text = clean(string(said))
	return nil
}

// clean takes off the zeros with which some sets fill a text up.
func clean(s string) string { return strings.TrimRight(s, "\x00") }

// gsmBasic and gsmMore are the default alphabet of 3GPP TS 23.038 and what stands
// in it behind an escape.
const gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

func gsmMore(septet byte) (rune, bool) {
	switch septet {
	case 0x0A:
		return '\f', true
	case 0x14:
		return '^', true
	case 0x28:
		return '{', true
	case 0x29:
		return '}', true
	case 0x2F:
		return '\\', true
	case 0x3C:
		return '[', true
	case 0x3D:
		return '~', true
	case 0x3E:
		return ']', true
	case 0x40:
		return '|', true
	case 0x65:
		return '€', true
	}
	return 0, false
}

// gsm reads 7-bit characters, packed from the least significant bit of the first
// byte on, after fill bits. bits is how many the message announced.
func gsm(packed []byte, fill, bits int) string {
	basic := []rune(gsmBasic)
	septets := make([]byte, 0, bits/7)
	for at := fill; at+7 <= min(bits, 8*len(packed)); at += 7 {
		v := uint16(packed[at/8]) >> (at % 8)
		if at%8 > 1 {
			v |= uint16(packed[at/8+1]) << (8 - at%8)
		}
		septets = append(septets, byte(v&0x7F))
	}
	// Eight characters fill seven bytes, so a last one of seven zero bits is filling.
	if n := len(septets); n > 0 && n%8 == 0 && bits%8 == 0 && fill == 0 && septets[n-1] == 0 {
		septets = septets[:n-1]
	}
	var out strings.Builder
	for i := 0; i < len(septets); i++ {
		if septets[i] == 0x1B && i+1 < len(septets) {
			i++
			if c, known := gsmMore(septets[i]); known {
				out.WriteRune(c)
				continue
			}
		}
		if c := basic[septets[i]]; c != 0x1B {
			out.WriteRune(c)
		}
	}
	return out.String()
}
