package intake

import (
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// Windows within which the same content of the same device is one report heard
// again. A digipeater may repeat an APRS packet for half a minute; anything
// else on the air is one burst.
const (
	windowDirect = 2 * time.Second
	windowAPRS   = 30 * time.Second
	// windowNumbered is for a numbered message, which a radio sends again every
	// minute until it hears the acknowledgement (five times on a TH-D74), and for a
	// packet of a mesh, which several gateway nodes pass on.
	windowNumbered = rememberHearings
)

func window(r *devices.Report) time.Duration {
	switch {
	case numbersComeRound(r.Protocol) && r.Sequence != "":
		return windowNumbered
	case r.Protocol == devices.APRS || r.Protocol == devices.KISS:
		return windowAPRS
	}
	return windowDirect
}

// numbersComeRound tells whether a protocol's message numbers start over (after
// 256 messages, or whenever the radio is switched on): the same content under the
// same number may be yesterday's, and is one report only for a while.
func numbersComeRound(p devices.Protocol) bool {
	return p == devices.APRS || p == devices.KISS || p == devices.TETRA || p == devices.Meshtastic
}

// remembered tells whether a report's content is kept for a window: of one that its
// own time or number cannot tell, and of numbered packets of a mesh. Their copies come
// over several gateway nodes, of which some tell the sender's time and some do not.
func remembered(r *devices.Report) bool {
	_, has := ownMark(r)
	return !has || r.Protocol == devices.Meshtastic && r.Sequence != ""
}

// contentID stands for what a report says, whatever way it travelled: it is the same
// for every hearing of it.
func contentID(r *devices.Report) journal.ID16 {
	content := r.Said
	if content == nil {
		content = r.Raw
	}
	protocol := r.Protocol
	if protocol == devices.KISS {
		protocol = devices.APRS // the same packet, whatever TNC delivers it
	}
	if r.Device == "" {
		return journal.Hash(string(protocol), r.Link, string(content))
	}
	return journal.Hash(string(protocol), string(r.Device), string(content))
}

// ownMark is the device's own time or sequence number where it can be trusted
// to differ between two reports. A receiver without satellites repeats its last
// time for hours, and a key pressed meanwhile is a new report every time.
func ownMark(r *devices.Report) (string, bool) {
	if r.Fix != nil && r.Fix.NoLock {
		return "", false
	}
	if r.ClockNote != "" && strings.HasPrefix(r.ClockNote, devices.ClockMeshGateway) {
		return "", false // each gateway node's own
	}
	sequence := r.Sequence
	if numbersComeRound(r.Protocol) {
		sequence = ""
	}
	if r.DeviceTime.IsZero() && sequence == "" {
		return "", false
	}
	return r.DeviceTime.UTC().Format(time.RFC3339Nano) + "/" + sequence, true
}
