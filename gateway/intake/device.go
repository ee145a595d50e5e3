package intake

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"htgateway/devices"
)

// Device is what became of everything that one device sent since the start.
type Device struct {
	Device   devices.Identity `json:"device"`
	Protocol string           `json:"protocol"`
	// Link is where the newest was heard, Account the broker's user who sent it, where
	// one showed a password.
	Link    string `json:"link"`
	Account string `json:"account,omitzero"`
	// Ledger counts this device's frames; its LastRefusal is why the newest was refused.
	Ledger
	// LastRefusalAt is when that was, UTC.
	LastRefusalAt time.Time `json:"last_refusal_at,omitzero"`
}

// devicesAtMost bounds the devices that are counted one by one: names on the air are
// claims, and a flood of invented ones must not fill the memory.
const devicesAtMost = 10_000

// deviceOf returns the account of the device that a frame names, nil when it names
// none.
func (in *Intake) deviceOf(h *Heard, r *devices.Report) *Device {
	if r.Device == "" {
		return nil
	}
	d := in.devices[r.Device]
	if d == nil {
		if len(in.devices) >= devicesAtMost {
			in.forgetDevices()
		}
		d = &Device{Device: r.Device}
		in.devices[r.Device] = d
	}
	d.Protocol, d.Link, d.Account = string(r.Protocol), h.Link, h.Account
	return d
}

// forgetDevices drops the half that was heard longest ago.
func (in *Intake) forgetDevices() {
	oldest := slices.SortedFunc(maps.Values(in.devices), func(a, b *Device) int { return a.LastHeard.Compare(b.LastHeard) })
	for _, d := range oldest[:len(oldest)/2] {
		delete(in.devices, d.Device)
	}
}

// Devices lists the devices that were heard since the start, by name. The
// [devicesAtMost] newest at most.
func (in *Intake) Devices() []Device {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := make([]Device, 0, len(in.devices))
	for _, d := range in.devices {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Device) int { return cmp.Compare(a.Device, b.Device) })
	return out
}

// DeviceCount is how many devices are counted one by one.
func (in *Intake) DeviceCount() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.devices)
}

// How many refused frames are journaled a second; what exceeds it is counted as
// shed. Each device has its own allowance, so that one that floods does not cost the
// others theirs. Frames that name nobody share one on their link; and since a name on
// the air is a claim, all names of a link together have a bound too, but for those
// whose sender showed a password.
const (
	refusalsPerSecond     = 20
	linkRefusalsPerSecond = 10 * refusalsPerSecond
)

// refusals counts this second's refused frames by who sent them.
type refusals struct {
	second int64
	by     map[refuser]int
}

type refuser struct {
	link, account string
	device        devices.Identity
}

// mayKeep takes one refusal's worth of the sender's allowance.
func (f *refusals) mayKeep(h *Heard, r *devices.Report) bool {
	if s := r.ReceivedAt.Unix(); s != f.second || f.by == nil {
		f.second, f.by = s, map[refuser]int{}
	}
	own := refuser{link: h.Link, device: r.Device}
	if h.Account != "" {
		own = refuser{link: h.Link, account: h.Account}
	}
	if f.by[own] >= refusalsPerSecond {
		return false
	}
	whole := refuser{link: h.Link, device: allNames}
	if h.Account == "" && r.Device != "" {
		if f.by[whole] >= linkRefusalsPerSecond {
			return false
		}
		f.by[whole]++
	}
	f.by[own]++
	return true
}

// allNames stands for every device of a link together; no device has such a name.
const allNames devices.Identity = "*"
