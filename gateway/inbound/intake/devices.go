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

// deviceTable is the devices' ledgers.
type deviceTable map[devices.Identity]*DeviceLedger

// count adds one frame of a device. One that names nobody is counted for its link only.
func (t deviceTable) count(device devices.Identity, link string, at time.Time, end disposition, refusal string) {
	if device == "" {
		return
	}
	d := t[device]
	if d == nil {
		if len(t) >= devicesAtMost {
			delete(t, t.eldest())
		}
		d = &DeviceLedger{Device: device}
		t[device] = d
	}
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

// eldest is the device that is dropped for a new one: of those that never sent anything
// good, else of all, the one that was silent longest.
func (t deviceTable) eldest() devices.Identity {
	var eldest *DeviceLedger
	for _, d := range t {
		if eldest == nil || d.compare(eldest) < 0 {
			eldest = d
		}
	}
	return eldest.Device
}

func (d *DeviceLedger) compare(o *DeviceLedger) int {
	if c := d.LastHeard.Compare(o.LastHeard); c != 0 {
		return c
	}
	if c := d.LastReasonAt.Compare(o.LastReasonAt); c != 0 {
		return c
	}
	return strings.Compare(string(d.Device), string(o.Device))
}

// Devices returns every device's ledger, by name.
func (in *Intake) Devices() []DeviceLedger {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := make([]DeviceLedger, 0, len(in.devices))
	for _, d := range in.devices {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b DeviceLedger) int { return strings.Compare(string(a.Device), string(b.Device)) })
	return out
}
