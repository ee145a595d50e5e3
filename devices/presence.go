package devices

// Presence is what a device, its last will or its gateway node tells about its
// being reachable. It says nothing of a place and proves no movement: the age of
// the newest fix is what counts, and this may explain it.
type Presence struct {
	// Offline is set by a last will or a mesh gateway's "offline": the connection
	// ended without a farewell. Such a word often comes minutes late, and a phone
	// may be back before it.
	Offline bool `json:"offline,omitzero"`
	// Online is set by a mesh gateway's "online".
	Online bool `json:"online,omitzero"`
	// PowerSave is set while the phone's power saving mode is on: fixes become rare.
	PowerSave bool `json:"power_save,omitzero"`
	// BatteryOptimised is set while the phone may stop the app to save its battery.
	BatteryOptimised bool `json:"battery_optimised,omitzero"`
	// MayHibernate is set while the phone may put the app to sleep when unused.
	MayHibernate bool `json:"may_hibernate,omitzero"`
	// NoLocation is set when the app may not, or not always, read the position.
	NoLocation bool `json:"no_location,omitzero"`
	// Detail is the state as the phone's own system words it.
	Detail string `json:"detail,omitzero"`
}

// Modes of reporting.
const (
	// ModeSignificant reports only when the device has moved some hundred metres:
	// minutes of silence mean nothing.
	ModeSignificant = "significant"
	// ModeMove reports every few seconds.
	ModeMove = "move"
)

// Crossing is a device's own word that it entered or left a region that it
// watches. The device's fence knows neither dwell nor speed.
type Crossing struct {
	// Region is the region's name; the gateway names an incident's by its number.
	Region string `json:"region"`
	// Entered is false when it left.
	Entered bool `json:"entered"`
}
