package simulation

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// The encoders below are written from the frame layouts alone (firmware-notes/protocols.md
// section 1) and share nothing with the decoders, so that a misreading on one
// side shows.

// observation is where a radio is and what its receiver says.
type observation struct {
	at        time.Time
	point     orb.Point
	speedMPS  float64
	courseDeg float64
	lock      bool
}

// callerID is a FleetSync unit's begin or end of transmission.
func callerID(fleetUnit string, begin bool) []byte {
	digits := strings.ReplaceAll(fleetUnit, "-", "")
	return fmt.Appendf(nil, "\x02I%d%s%s\x03", flag(begin), digits, digits)
}

// nexedgeID is a NEXEDGE unit's begin or end of transmission.
func nexedgeID(unit string, begin bool) []byte {
	return fmt.Appendf(nil, "\x02gI%dU%sU%s\x03", flag(begin), unit, unit)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fleetSyncPosition is $PKLDS with the radio's own GPS-report status 80, or with
// the code of a pressed key.
func fleetSyncPosition(fleetUnit string, o observation, status string) []byte {
	fleet, unit, _ := strings.Cut(fleetUnit, "-")
	return sentence(fmt.Sprintf("PKLDS,%s,%s,%s,%s,00,", o.longForm(), fleet, unit, orDefault(status, "80")))
}

// fleetSyncKey is $PKLID: a key pressed on a radio that sends no position with it.
func fleetSyncKey(fleetUnit, status string) []byte {
	fleet, unit, _ := strings.Cut(fleetUnit, "-")
	return sentence(fmt.Sprintf("PKLID,00,%s,%s,%s,00,", fleet, unit, status))
}

// nexedgePosition is $PKNDS, its default GPS-report status being 207.
func nexedgePosition(unit string, o observation, status string) []byte {
	return sentence(fmt.Sprintf("PKNDS,%s,U%s,%s,00,", o.longForm(), unit, orDefault(status, "207")))
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// longForm is time, validity, position, speed in knots, course, date, variation
// and version, as $PKLDS and $PKNDS share them.
func (o observation) longForm() string {
	const metresPerSecondToKnots = 3600.0 / 1852.0
	validity := "A"
	if !o.lock {
		validity = "V"
	}
	t := o.at.UTC()
	return fmt.Sprintf("%s,%s,%s,%05.1f,%05.1f,%s,00.00,E00",
		t.Format("150405"), validity, degreesMinutes(o.point),
		o.speedMPS*metresPerSecondToKnots, o.courseDeg, t.Format("020106"))
}

// degreesMinutes is ddmm.mmmm,N,dddmm.mmmm,E.
func degreesMinutes(p orb.Point) string {
	lat, ns := split(p[1], 'N', 'S')
	lon, ew := split(p[0], 'E', 'W')
	return fmt.Sprintf("%09.4f,%c,%010.4f,%c", lat, ns, lon, ew)
}

// split turns degrees into degrees * 100 + minutes and a hemisphere.
func split(deg float64, positive, negative rune) (float64, rune) {
	hemisphere := positive
	if deg < 0 {
		hemisphere, deg = negative, -deg
	}
	tenThousandths := math.Round(deg * 60 * 10000)
	whole := math.Floor(tenThousandths / (60 * 10000))
	return whole*100 + (tenThousandths-whole*60*10000)/10000, hemisphere
}

// sentence adds $, checksum and line end.
func sentence(body string) []byte {
	var sum byte
	for i := range len(body) {
		sum ^= body[i]
	}
	return fmt.Appendf(nil, "$%s*%02X\r\n", body, sum)
}
