package intake

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// Windows within which the same words of the same device are one report heard
// again. A digipeater may repeat an APRS packet for half a minute; anything
// else on the air is one burst (shared/design.md, Report).
const (
	windowDirect = 2 * time.Second
	windowAPRS   = 30 * time.Second
)

func window(p devices.Protocol) time.Duration {
	if p == devices.APRS || p == devices.KISS {
		return windowAPRS
	}
	return windowDirect
}

// words is what a report says whatever way it travelled: the same for every
// hearing of it.
func words(r *devices.Report) string {
	said := r.Said
	if said == nil {
		said = r.Raw
	}
	return journal.Digest(string(r.Protocol), string(r.Device), string(said))
}

// ownMark is the device's own time or sequence number where it can be trusted
// to differ between two reports. A receiver without satellites repeats its last
// time for hours, and a key pressed meanwhile is a new report every time.
func ownMark(r *devices.Report) (string, bool) {
	if r.Fix != nil && r.Fix.NoLock {
		return "", false
	}
	if r.DeviceTime.IsZero() && r.Sequence == "" {
		return "", false
	}
	return r.DeviceTime.UTC().Format(time.RFC3339Nano) + "/" + r.Sequence, true
}
