package incident

import (
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// Unit is a field team, as the roster names it.
type Unit struct {
	ID       string `json:"id"`
	CallSign string `json:"call_sign"`
	Agency   string `json:"agency"`
	// Devices that speak for the unit.
	Devices []devices.Identity `json:"devices"`
	// Former are devices that spoke for it once.
	Former []FormerBinding `json:"former,omitzero"`
}

// FormerBinding is a device's time with a unit that is over: what it said until then stays
// the unit's, also when it is delivered later.
type FormerBinding struct {
	Device devices.Identity `json:"device"`
	// Until is when a dispatcher released the device, UTC.
	Until time.Time `json:"until"`
}

// UnitState is what is known of a unit now.
type UnitState struct {
	Unit
	Status   devices.Status `json:"status,omitzero"`
	StatusAt time.Time      `json:"status_at,omitzero"`
	// Fix is the newest live fix by the fix's own time.
	Fix *geo.Fix `json:"fix,omitzero"`
	// FixAt is the time of that fix: the device's own, else when it was received.
	FixAt time.Time `json:"fix_at,omitzero"`
	// HeardAt is when anything at all was last received from the unit.
	HeardAt time.Time `json:"heard_at,omitzero"`
	// Incident is the id of the incident that the unit is on, or empty.
	Incident string `json:"incident,omitzero"`
	// Emergency stays until a dispatcher has acknowledged it.
	Emergency  bool        `json:"emergency,omitzero"`
	BatteryPct geo.Reading `json:"battery_pct,omitzero"`
	Link       string      `json:"link,omitzero"`
	// Signs explain a silence.
	Signs
	// Clocks tell how the clocks of the unit's devices stand.
	Clocks []DeviceClock `json:"clocks,omitzero"`
	// SetAside counts the fixes that were kept and not judged, by reason.
	SetAside map[geo.Exclusion]int `json:"set_aside,omitzero"`
}

// DeviceClock is how a device's clock stands against the gateway's.
type DeviceClock struct {
	Device devices.Identity `json:"device"`
	// OffsetS is how many seconds the device's clock is behind the gateway's,
	// negative when it is ahead; the way of the report is in it. It is not known
	// until enough recent reports agree.
	OffsetS geo.Reading `json:"offset_s,omitzero"`
	// Reports are how many the estimate looked at.
	Reports int `json:"reports"`
}

// UnknownDevice is a device that belongs to no unit.
type UnknownDevice struct {
	Device      devices.Identity `json:"device"`
	FirstHeard  time.Time        `json:"first_heard"`
	LastHeard   time.Time        `json:"last_heard"`
	Reports     int              `json:"reports"`
	LastSaid    string           `json:"last_said,omitzero"`
	LastLink    string           `json:"last_link"`
	LastFix     *geo.Fix         `json:"last_fix,omitzero"`
	AnEmergency bool             `json:"emergency,omitzero"`
}
