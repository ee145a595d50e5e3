package devices

import (
	"time"

	"htgateway/geo"
)

// Protocol names how a frame was encoded, as the command line spells it.
type Protocol string

// The protocols that the gateway reads.
const (
	Kenwood    Protocol = "kenwood"
	APRS       Protocol = "aprs"
	KISS       Protocol = "kiss"
	TETRA      Protocol = "tetra"
	NMEA       Protocol = "nmea"
	OwnTracks  Protocol = "owntracks"
	Meshtastic Protocol = "meshtastic"
	FieldJSON  Protocol = "fieldjson"
)

// ClockMeshGateway is the note on a time that a mesh gateway put on a packet when
// it heard it: nothing on the air tells when a text was sent.
const ClockMeshGateway = "mesh_gateway"

// Kind is the main thing that a frame says. An emergency is a flag of its own,
// since any kind can carry one.
type Kind string

// The kinds of the decode contract.
const (
	KindPosition Kind = "position"
	KindStatus   Kind = "status"
	KindMessage  Kind = "message"
	KindAck      Kind = "ack"
	KindID       Kind = "id"
	KindObject   Kind = "object"
	KindOther    Kind = "other"
)

// Change says whether a status that its device repeats is a press.
type Change string

// What a status that its device repeats may be. Only the first two are presses.
const (
	// ChangeFirst is a setting of which none was known before, ChangeMoved one that
	// another one was before, and ChangeUnmoved the one that was known already.
	ChangeFirst   Change = "first"
	ChangeMoved   Change = "moved"
	ChangeUnmoved Change = "unmoved"
	// ChangeSameBurst is a key that another header of the same burst reported already.
	ChangeSameBurst Change = "same_burst"
)

// NoPress tells that the status is a repetition.
func (c Change) NoPress() bool { return c == ChangeUnmoved || c == ChangeSameBurst }

// Identity is a device as it names itself, with its family before the colon:
// "fleetsync:102-1001", "nexedge:00103", "aprs:YB1ZZZ-9", "tetra:1234567",
// "owntracks:andi/phone". Digits stand as sent. It is a claim: none of the
// radio families prove who is calling.
type Identity string

// Assurance says what stands behind an identity.
type Assurance string

// From weakest to strongest. Radio identities are claims: anyone with a
// programming cable can send another's.
const (
	AssuranceClaimed       Assurance = "claimed"
	AssuranceNetwork       Assurance = "network"
	AssuranceAuthenticated Assurance = "device"
)

// Report is one thing that one device said: what all protocols end in.
// Decoders fill what the frame tells; ID, ReceivedAt, Link and Heard are
// filled at intake, where the frame is heard.
type Report struct {
	// ID is the same for every hearing of the same report and different for
	// every other report.
	ID       string   `json:"id,omitzero"`
	Protocol Protocol `json:"protocol"`
	Kind     Kind     `json:"kind"`
	// Device is who claims to speak; empty when the frame names nobody.
	Device    Identity  `json:"device,omitzero"`
	Assurance Assurance `json:"assurance,omitzero"`
	// To is the addressee as sent, empty when there is none.
	To string `json:"to,omitzero"`

	// ReceivedAt is when the gateway had the whole frame, by its own clock, UTC.
	ReceivedAt time.Time `json:"received_at,omitzero"`
	// Site is the edge site whose gateway received it, empty when this gateway heard it
	// itself. ReceivedAt is then by the site's clock, ArrivedAt when the centre had it
	// by the centre's, UTC, and SiteClockS how many seconds the site's clock was ahead
	// of the centre's when it received the report, unknown where nothing tells.
	Site       string      `json:"site,omitzero"`
	ArrivedAt  time.Time   `json:"arrived_at,omitzero"`
	SiteClockS geo.Reading `json:"site_clock_s,omitzero"`
	// DeviceTime is what the device's own clock said, UTC; zero when the frame
	// carries no full date and time.
	DeviceTime time.Time `json:"device_time,omitzero"`
	// ClockNote says how DeviceTime was repaired ("week_rollover"), or whose clock
	// it is ([ClockMeshGateway]), where it is not simply the device's own.
	ClockNote string `json:"clock_note,omitzero"`
	// PowerOn is set when the radio says that it has just been switched on.
	PowerOn bool `json:"power_on,omitzero"`
	// MadeAt is when the device made the message, by its own clock, where that may be
	// later than what it tells of; zero when it did not say.
	MadeAt time.Time `json:"made_at,omitzero"`
	// Queued is set when the device says that it was offline when it made the
	// message: late delivery is to be expected.
	Queued bool `json:"queued,omitzero"`
	// Sequence is the device's own message number, as text, where it has one.
	Sequence string `json:"sequence,omitzero"`

	// Fix is nil when the frame has no usable coordinates.
	Fix *geo.Fix `json:"fix,omitzero"`

	// Status is what the pressed key means; empty when no key was pressed.
	Status Status `json:"status,omitzero"`
	// StatusCode is the key's code as sent, kept also when it is not mapped.
	StatusCode string `json:"status_code,omitzero"`
	// Standing marks a status that the device repeats with every beacon (the dial
	// of Mic-E, a status text): only its change is a press.
	Standing bool `json:"standing,omitzero"`
	// Change says what the gateway that received it made of a status that may be a
	// repetition, and travels with the report; empty where there was no question of it.
	// ChangedAfter is for [ChangeMoved]: when the device's other setting was received
	// last, by the same clock as ReceivedAt.
	Change       Change    `json:"change,omitzero"`
	ChangedAfter time.Time `json:"changed_after,omitzero"`
	Text         string    `json:"text,omitzero"`
	Emergency    bool      `json:"emergency,omitzero"`
	// BatteryPct is the charge left, 0 to 100.
	BatteryPct geo.Reading `json:"battery_pct,omitzero"`
	// RSSIdBm is the signal at the first hearing, in dBm.
	RSSIdBm geo.Reading `json:"rssi_dbm,omitzero"`

	// Trigger is why the device reported now, as its protocol spells it ("r" is
	// OwnTracks' answer to a request).
	Trigger string `json:"trigger,omitzero"`
	// Mode is how eagerly the device reports: [ModeSignificant] or [ModeMove].
	Mode string `json:"mode,omitzero"`
	// Regions are the names of the regions that the device says it is in.
	Regions []string `json:"regions,omitzero"`
	// Crossing is set when the device tells that it entered or left a region.
	Crossing *Crossing `json:"crossing,omitzero"`

	// Name is what the device calls itself or its carrier, in a card or node info.
	Name string `json:"name,omitzero"`
	// Presence is nil unless the frame tells why the device is or may be silent.
	Presence *Presence `json:"presence,omitzero"`

	// Link is the configured id of the link that heard it first.
	Link string `json:"link,omitzero"`
	// Delivery is the transport's own mark of this delivery ("mqtt:client/7"),
	// by which a redelivery after a lost acknowledgement is known.
	Delivery string `json:"delivery,omitzero"`
	// Via is the station that passed the report on to the link, where the frame
	// names one ("!433c8aac", a mesh gateway).
	Via string `json:"via,omitzero"`
	// Retained marks an MQTT retained message: an old state replayed at connect,
	// never a fresh report.
	Retained bool `json:"retained,omitzero"`
	// Raw is the frame as it came.
	Raw []byte `json:"raw,omitzero"`
	// Said is what the frame says whatever way it travelled (without digipeater
	// path or receiving gateway), for telling one report from another; nil when
	// that is Raw itself.
	Said []byte `json:"said,omitzero"`
}

// Hearing is one link having heard a report. The first is the report's own
// Link and ReceivedAt; later ones are journalled beside it.
type Hearing struct {
	Report     string      `json:"report"`
	Link       string      `json:"link"`
	ReceivedAt time.Time   `json:"received_at"`
	RSSIdBm    geo.Reading `json:"rssi_dbm,omitzero"`
	// Via is the report's; two mesh gateways on one link are two hearings.
	Via string `json:"via,omitzero"`
}

// HasLiveFix reports that the report carries the sender's own position with
// satellite lock: an object's place is elsewhere.
func (r *Report) HasLiveFix() bool { return r.Fix != nil && !r.Fix.NoLock && r.Kind != KindObject }

// KnownAt is when this gateway knew of the report: when it had the whole frame, or
// had it from the site that received it.
func (r *Report) KnownAt() time.Time {
	if r.ArrivedAt.IsZero() {
		return r.ReceivedAt
	}
	return r.ArrivedAt
}

// Frame is one frame cut from a link's bytes: what it says, or why it was
// refused. Report is filled as far as it could be read even when Err is set, so
// that the log can name the device.
type Frame struct {
	Raw    []byte
	Report Report
	// Err is nil for a good frame. A frame with an error has no position.
	Err error
}
