package api

import (
	"net/http"
	"time"
)

// Device is what became of everything that one device sent since the start.
type Device struct {
	Device string `json:"device"`
	// Unit is empty for a device that belongs to none.
	Unit     string `json:"unit,omitzero"`
	Protocol string `json:"protocol"`
	// Link is where the newest was heard, Account the broker's user who sent it.
	Link    string `json:"link"`
	Account string `json:"account,omitzero"`
	// Received = Stored + Duplicates + SetAside + Shed + Pending.
	Received   uint64 `json:"received"`
	Stored     uint64 `json:"stored"`
	Duplicates uint64 `json:"duplicates"`
	SetAside   uint64 `json:"set_aside"`
	Shed       uint64 `json:"shed"`
	Pending    uint64 `json:"pending"`
	// LastReason is why the newest refused frame was refused, LastReasonAt when, UTC.
	LastReason   string    `json:"last_reason,omitzero"`
	LastReasonAt time.Time `json:"last_reason_at,omitzero"`
	// LastHeard is when the newest good frame came, UTC.
	LastHeard time.Time `json:"last_heard,omitzero"`
	// Connected is nil where a device has no connection to have.
	Connected *bool `json:"connected,omitempty"`
}

// BrokerAccount is what one user of the embedded broker has done since it began.
type BrokerAccount struct {
	Account string `json:"account"`
	Role    string `json:"role"`
	// Connected connections now, and when the newest began or the last ended, UTC.
	Connected int       `json:"connected"`
	Since     time.Time `json:"since,omitzero"`
	// LastHeard is when its newest publication came to the disk, UTC.
	LastHeard time.Time `json:"last_heard,omitzero"`
	Accepted  uint64    `json:"accepted"`
	Withheld  uint64    `json:"withheld"`
	Refused   uint64    `json:"refused"`
	Slowed    uint64    `json:"slowed"`
	Excess    uint64    `json:"excess"`
	// LastReason is why the newest of these came, LastReasonAt when, UTC.
	LastReason   string    `json:"last_reason,omitzero"`
	LastReasonAt time.Time `json:"last_reason_at,omitzero"`
	// Offline is set while the newest that was heard of it is its last will.
	Offline bool `json:"offline,omitzero"`
}

func (s *Server) devices(w http.ResponseWriter, _ *http.Request) {
	devices, accounts := s.o.Devices()
	if devices == nil {
		devices = []Device{}
	}
	if accounts == nil {
		accounts = []BrokerAccount{}
	}
	answer(w, http.StatusOK, map[string]any{"devices": devices, "accounts": accounts})
}
