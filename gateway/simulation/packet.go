package simulation

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
)

// BaseCall is the call sign of the simulated APRS base, to which teams send.
const BaseCall = "YB1MJL-1"

// aprsPosition is a position with the time of day, course and speed, as a KISS TNC
// hands it over (APRS101 chapters 6 and 7).
func aprsPosition(call string, o observation) []byte {
	const metresPerSecondToKnots = 3600.0 / 1852.0
	return kissFrame(call, fmt.Sprintf("/%sh%s/%s>%03d/%03d", o.at.UTC().Format("150405"),
		hundredths(o.point[1], 2, 'N', 'S'), hundredths(o.point[0], 3, 'E', 'W'),
		int(math.Round(o.courseDeg)), int(math.Round(o.speedMPS*metresPerSecondToKnots))))
}

// aprsMessage is a numbered message to the base.
func aprsMessage(call, text string, number int) []byte {
	return kissFrame(call, fmt.Sprintf(":%-9s:%s{%d", BaseCall, text, number))
}

// hundredths is degrees and minutes with two decimals, as APRS writes them.
func hundredths(deg float64, width int, positive, negative rune) string {
	hemisphere := positive
	if deg < 0 {
		hemisphere, deg = negative, -deg
	}
	n := int(math.Round(deg * 6000))
	return fmt.Sprintf("%0*d%05.2f%c", width, n/6000, float64(n%6000)/100, hemisphere)
}

// kissFrame is an AX.25 UI frame between FENDs.
func kissFrame(call, info string) []byte {
	frame := append([]byte{0}, ax25Address("APRS", false)...)
	frame = append(append(frame, ax25Address(call, true)...), 0x03, 0xF0)
	frame = append(frame, info...)
	out := []byte{0xC0}
	for _, b := range frame {
		switch b {
		case 0xC0:
			out = append(out, 0xDB, 0xDC)
		case 0xDB:
			out = append(out, 0xDB, 0xDD)
		default:
			out = append(out, b)
		}
	}
	return append(out, 0xC0)
}

func ax25Address(call string, last bool) []byte {
	name, ssid, _ := strings.Cut(call, "-")
	out := make([]byte, 0, 7)
	for _, c := range fmt.Sprintf("%-6s", name) {
		out = append(out, byte(c)<<1)
	}
	var n byte
	_, _ = fmt.Sscan(ssid, &n) // none is 0
	flags := 0x60 | n<<1
	if last {
		flags |= 1
	}
	return append(out, flags)
}

// tetraStatus is a pre-coded status as a radio's PEI prints it (EN 300 392-5).
func tetraStatus(issi, code string) []byte {
	return fmt.Appendf(nil, "+CTSDSR: 13,%s,0,1100112,0,16\r\n%s\r\n", issi, code)
}

// tetraPosition is a short location report (ETSI TS 100 392-18-1, clause 6.2): 84
// bits, padded to 22 digits as Motorola sets do.
func tetraPosition(issi string, o observation) []byte {
	var w bitWriter
	w.put(0x0A, 8)
	w.put(0, 2) // short report
	w.put(0, 2) // within five seconds
	lon, lat := scaled(o.point, 25)
	w.put(lon, 25)
	w.put(lat, 24)
	w.put(1, 3) // better than 20 m
	w.put(uint64(math.Min(28, math.Round(o.speedMPS*3.6))), 7)
	w.put(uint64(math.Round(o.courseDeg/22.5))%16, 4)
	w.put(0, 1)
	w.put(129, 8) // at an interval
	w.put(0, 4)   // padding
	return fmt.Appendf(nil, "+CTSDSR: 12,%s,0,1100112,0,84\r\n%X\r\n", issi, w.bytes)
}

// scaled is longitude in 360/2^bits and latitude in 180/2^(bits-1), two's
// complement.
func scaled(p orb.Point, bits uint) (lon, lat uint64) {
	x := int64(math.Round(p[0] / 360 * float64(int64(1)<<bits)))
	y := int64(math.Round(p[1] / 180 * float64(int64(1)<<(bits-1))))
	return uint64(x) & (1<<bits - 1), uint64(y) & (1<<(bits-1) - 1)
}

// bitWriter packs bits, the most significant first.
type bitWriter struct {
	bytes []byte
	used  int
}

func (w *bitWriter) put(v uint64, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.used%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.used/8] |= byte(v>>i&1) << (7 - w.used%8)
		w.used++
	}
}
