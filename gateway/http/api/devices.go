package api

import (
	"net/http"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
)

// Device is what one device sent since the gateway began, as the API shows it. Who it
// is, its frames say; on the air that is a claim.
type Device struct {
	Device devices.Identity `json:"device"`
	// Unit is the one that it speaks for, empty for a stranger.
	Unit     string `json:"unit,omitempty"`
	LastLink string `json:"last_link"`
	// Received = Stored + Duplicates + Refused.
	Received   uint64 `json:"received"`
	Stored     uint64 `json:"stored"`
	Duplicates uint64 `json:"duplicates"`
	Refused    uint64 `json:"refused"`
	// SetAside of the refused were kept raw with the reason, Shed counted only, in a flood.
	SetAside uint64 `json:"set_aside"`
	Shed     uint64 `json:"shed"`
	// LastHeard is when its newest good frame came; LastReason why its newest refused
	// one was refused, and LastReasonAt when that came; UTC.
	LastHeard    time.Time `json:"last_heard,omitzero"`
	LastReason   string    `json:"last_reason,omitempty"`
	LastReasonAt time.Time `json:"last_reason_at,omitzero"`
}

// Devices are all that were heard since the gateway began.
type Devices struct {
	Since   time.Time `json:"since"`
	Devices []Device  `json:"devices"`
	// Accounts are the users of the embedded broker, with what it refused them before
	// anybody looked into a payload.
	Accounts any `json:"accounts"`
}

// DevicesOf are all that were heard since the gateway began, with the units that they speak
// for.
func DevicesOf(since time.Time, heard []intake.DeviceLedger, roster []incident.Unit, accounts []mqttbroker.Account) Devices {
	units := map[devices.Identity]string{}
	for _, u := range roster {
		for _, d := range u.Devices {
			units[d] = u.ID
		}
	}
	out := Devices{Since: since, Devices: []Device{}, Accounts: accounts}
	for _, d := range heard {
		out.Devices = append(out.Devices, Device{
			Device: d.Device, Unit: units[d.Device], LastLink: d.LastLink,
			Received: d.Received, Stored: d.Stored, Duplicates: d.Duplicates, Refused: d.Refused, SetAside: d.SetAside, Shed: d.Shed,
			LastHeard: d.LastHeard, LastReason: d.LastReason, LastReasonAt: d.LastReasonAt,
		})
	}
	return out
}

// devices is GET /devices.
func (s *Server) devices(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.o.Devices())
}
