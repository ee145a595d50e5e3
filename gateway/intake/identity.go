package intake

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"htgateway/devices"
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
	return digest(string(r.Protocol), string(r.Device), string(said))
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

// digest joins the parts unambiguously and returns 26 letters and digits.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		n := len(p)
		h.Write([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		h.Write([]byte(p))
	}
	sum := h.Sum(nil)
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}
