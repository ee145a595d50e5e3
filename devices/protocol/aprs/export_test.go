package aprs

import (
	"time"

	"htgateway/devices"
)

// Decode reads one packet whose borders are known.
func Decode(text []byte, at time.Time) (r devices.Report, err error) {
	_, err = decode(text, at, &r)
	return r, err
}
