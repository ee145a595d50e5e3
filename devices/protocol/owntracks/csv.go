package owntracks

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"htgateway/devices"
)

// csvFields is the number of fields of the Greenwich trackers' short form:
// tid, tst in hexadecimal, trigger, lat and lon in 1e-6 degree, course and altitude
// in tens of degrees and metres, speed in km/h, distance, trip. Source: OwnTracks
// recorder, recorder.c.
const csvFields = 10

func isCSV(body []byte) bool {
	return len(body) > 0 && body[0] != '{' && bytes.Count(body, []byte(",")) == csvFields-1
}

// csv reads the short form. cog is course/10 and alt is altitude/10 on the wire.
func csv(r *devices.Report, body []byte) error {
	f := strings.Split(string(body), ",")
	tst, err := strconv.ParseUint(f[1], 16, 40)
	if err != nil {
		return fmt.Errorf("%w: tst %.20q", ErrNumber, f[1])
	}
	var n [5]number
	for i, at := range []int{3, 4, 5, 6, 7} {
		v, err := strconv.ParseInt(f[at], 10, 40)
		if err != nil {
			return fmt.Errorf("%w: field %d is %.20q", ErrNumber, at+1, f[at])
		}
		n[i] = number(v)
	}
	lat, lon, course, speed, altitude, taken := n[0]/1e6, n[1]/1e6, n[2]*10, n[3], n[4]*10, number(tst)
	p := payload{
		Type: "location", Trigger: f[2], Lat: &lat, Lon: &lon, CourseDeg: &course, SpeedKMH: &speed, AltitudeM: &altitude, Time: &taken,
	}
	return p.fill(r)
}
