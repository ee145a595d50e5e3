package intake

import (
	"slices"
	"strings"
	"time"

	"htgateway/devices"
)

// DeviceLedger counts what one device sent since the gateway began, whatever link it
// came over. A device is who its frames say they are: on the air that is a claim.
type DeviceLedger struct {
	Device devices.Identity
	// LastLink is the link that heard it last.
	LastLink string
	// Received = Stored + Duplicates + Refused.
	Received, Stored, Duplicates uint64
	// Refused = SetAside (kept raw with the reason) + Shed (in a flood, counted only).
	Refused, SetAside, Shed uint64
	// LastHeard is when its newest good frame came, LastReasonAt when its newest
	// refused one came, and LastReason why that was refused; UTC.
	LastHeard, LastReasonAt time.Time
	LastReason              string
}

// devicesAtMost bounds how many devices are counted: who makes names up must not
// fill the memory.
const devicesAtMost = 5000

// deviceTable is the devices' ledgers. For a new one, one that never sent anything good is
// given up first, then one that did so once, each time the one that was silent longest.
type deviceTable struct {
	*recentMap[devices.Identity, *DeviceLedger]
}

// deviceTiers are the tiers of a device: nothing good, good once, good more often.
const deviceTiers = 3

// count adds one frame of a device. One that names nobody is counted for its link only.
func (t deviceTable) count(device devices.Identity, link string, at time.Time, end disposition, refusal string) {
	if device == "" {
		return
	}
	d, known := t.peek(device)
	if !known {
		d = &DeviceLedger{Device: device}
	}
	defer func() { t.put(device, d, int(min(d.Stored+d.Duplicates, deviceTiers-1))) }()
	d.Received++
	d.LastLink = link
	switch {
	case refusal != "":
		d.Refused++
		if end == shed {
			d.Shed++
		} else {
			d.SetAside++
		}
		d.LastReason, d.LastReasonAt = refusal, at
		return
	case end == stored:
		d.Stored++
	default:
		d.Duplicates++
	}
	d.LastHeard = at
}

// Devices returns every device's ledger, by name.
func (in *Intake) Devices() []DeviceLedger {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := make([]DeviceLedger, 0, in.devices.len())
	for item := range in.devices.all {
		out = append(out, *item.value)
	}
	slices.SortFunc(out, func(a, b DeviceLedger) int { return strings.Compare(string(a.Device), string(b.Device)) })
	return out
}
