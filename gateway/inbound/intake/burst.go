package intake

import (
	"bytes"
	"time"

	"htgateway/devices"
)

// bursts remembers the last key of each Kenwood radio. A base station may print one
// burst under several headers ($PKLID, then $PKLDS with the position): the key was
// pressed once, whatever header reports it first.
type bursts map[devices.Identity]pressed

// pressed is a key as one header reported it.
type pressed struct {
	code   string
	header string
	at     time.Time
}

// merge takes the status off a report of the same burst's key under another header. The
// position and the code stay.
func (b bursts) merge(r *devices.Report) {
	if r.Protocol != devices.Kenwood || r.StatusCode == "" || r.Device == "" {
		return
	}
	header, _, _ := bytes.Cut(r.Raw, []byte{','})
	now := pressed{r.StatusCode, string(header), r.ReceivedAt}
	before, known := b[r.Device]
	if known && before.code == now.code && before.header != now.header && within(before.at, now.at, windowDirect) {
		r.Status, r.Emergency = "", false
		return
	}
	b[r.Device] = now
}
