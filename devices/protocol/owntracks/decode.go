package owntracks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// MaxPayload is the largest payload that is read, in bytes.
const MaxPayload = 64 << 10

// Reasons for refusing a payload.
var (
	ErrTooLarge   = errors.New("owntracks: payload over 64 KiB")
	ErrTopic      = errors.New("owntracks: topic names no device")
	ErrNotJSON    = errors.New("owntracks: payload is not JSON")
	ErrNoPosition = errors.New("owntracks: location without lat and lon")
	ErrNumber     = errors.New("owntracks: not a number in its range")
	ErrEvent      = errors.New("owntracks: transition that is neither enter nor leave")
	ErrEncrypted  = errors.New("owntracks: payload is encrypted and no secret is configured")
	ErrImpostor   = errors.New("owntracks: payload names another user's device")
	ErrSecret     = errors.New("owntracks: payload is encrypted and the configured secret does not open it")
)

// payload is every field that is used. Old senders write numbers as strings, so
// numbers are read from either.
type payload struct {
	Type      string   `json:"_type"`
	ID        string   `json:"_id"`
	Topic     string   `json:"topic"`
	Lat       *number  `json:"lat"`
	Lon       *number  `json:"lon"`
	Time      *number  `json:"tst"`
	Created   *number  `json:"created_at"`
	AccuracyM *number  `json:"acc"`
	AltitudeM *number  `json:"alt"`
	SpeedKMH  *number  `json:"vel"`
	CourseDeg *number  `json:"cog"`
	Battery   *number  `json:"batt"`
	Conn      string   `json:"conn"`
	Trigger   string   `json:"t"`
	Mode      *number  `json:"m"`
	InRegions []string `json:"inregions"`

	// Of transitions.
	Event string `json:"event"`
	Desc  string `json:"desc"`
	// Of cards.
	Name string `json:"name"`
	// Of status messages.
	Android *androidStatus `json:"android"`
	IOS     *iosStatus     `json:"iOS"`
	// Of encrypted payloads.
	Data string `json:"data"`
}

// IsTopic tells whether a topic is one of OwnTracks.
func IsTopic(topic string) bool { return strings.HasPrefix(topic, "owntracks/") }

// Decoder reads publications. It keeps no state and is safe for concurrent use.
type Decoder struct{ secrets map[string]Secret }

// NewDecoder returns a decoder that opens encrypted payloads with the secrets of
// these phones, named "user/device", or "user" for all of one user's.
func NewDecoder(secrets map[string]Secret) *Decoder { return &Decoder{secrets: secrets} }

// Decode reads one publication. The device is named by its topic, never by the
// two-letter tracker id, which is not unique; a payload that came without a
// usable topic may carry its own (HTTP mode). at is when it was received, UTC.
func (d *Decoder) Decode(topic string, body []byte, at time.Time) (devices.Report, error) {
	r, _, err := d.decode(topic, body, at)
	return r, err
}

// DecodePost reads one payload of HTTP mode, posted by a user who proved who they
// are, from the device that the headers name; empty takes the payload's own topic.
// Errors: [ErrImpostor] for a payload that names another user, and those of Decode.
func (d *Decoder) DecodePost(user, device string, body []byte, at time.Time) (devices.Report, error) {
	topic := ""
	if device != "" {
		topic = "owntracks/" + user + "/" + device
	}
	r, claimed, err := d.decode(topic, body, at)
	if other, named := identity(claimed); named && !strings.HasPrefix(string(other), "owntracks:"+user+"/") {
		r = devices.Report{Protocol: devices.OwnTracks, Kind: devices.KindOther, ReceivedAt: at}
		err = fmt.Errorf("%w: %q says it is %q", ErrImpostor, user, other)
		r.Device, _ = identity(topic)
	}
	r.Assurance = devices.AssuranceAuthenticated
	return r, err
}

// decode also returns the topic that the payload itself names.
func (d *Decoder) decode(topic string, body []byte, at time.Time) (devices.Report, string, error) {
	r := devices.Report{Protocol: devices.OwnTracks, Kind: devices.KindOther, ReceivedAt: at}
	var known bool
	r.Device, known = identity(topic)
	if len(body) > MaxPayload {
		return r, "", ErrTooLarge
	}
	if body = bytes.TrimSpace(body); known && isCSV(body) {
		return r, "", csv(&r, body)
	}
	p, err := parse(body)
	if !known {
		if r.Device, known = identity(p.Topic); !known {
			return r, p.Topic, cmpErr(err, ErrTopic)
		}
	}
	if err != nil {
		return r, p.Topic, err
	}
	if p.Type == "encrypted" {
		opened, err := d.open(r.Device, p.Data)
		if err != nil {
			return r, p.Topic, err
		}
		if p, err = parse(opened); err != nil {
			return r, p.Topic, err
		}
		// The same words are sealed anew each time: what they say is their identity.
		r.Said, r.Assurance = opened, devices.AssuranceAuthenticated
	}
	if p.ID != "" {
		r.Sequence = devices.Printable(p.ID, 64, "")
		r.Said = []byte("_id " + r.Sequence)
	}
	if err := p.fill(&r); err != nil {
		r.Fix = nil
		return r, p.Topic, err
	}
	return r, p.Topic, nil
}

// cmpErr is the first error unless it is nil.
func cmpErr(err, otherwise error) error {
	if err != nil {
		return fmt.Errorf("%w (%w)", otherwise, err)
	}
	return otherwise
}

func parse(body []byte) (payload, error) {
	var p payload
	if err := devices.CheckDepth(body); err != nil {
		return p, fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	return p, nil
}

// identity is owntracks/<user>/<device>, with or without more behind it.
func identity(topic string) (devices.Identity, bool) {
	parts := strings.Split(topic, "/")
	if len(parts) < 3 || parts[0] != "owntracks" || !devices.IsName(parts[1]) || !devices.IsName(parts[2]) {
		return "", false
	}
	return devices.Identity("owntracks:" + parts[1] + "/" + parts[2]), true
}

func (p *payload) fill(r *devices.Report) error {
	switch p.Type {
	case "location":
		return p.location(r)
	case "transition":
		return p.transition(r)
	case "lwt":
		// Its time is when the app first connected, not when it was lost.
		r.Presence = &devices.Presence{Offline: true}
	case "status":
		r.Presence = p.status()
	case "card":
		r.Name = devices.Printable(p.Name, 64, "")
	}
	// Waypoints, steps and whatever comes next say nothing of the phone's place.
	return nil
}

func (p *payload) location(r *devices.Report) error {
	r.Kind = devices.KindPosition
	fix, err := p.position()
	if err != nil {
		return err
	}
	if fix == nil {
		return ErrNoPosition
	}
	if fix.SpeedMPS, err = p.SpeedKMH.reading(-1, 1500); err != nil {
		return err
	}
	if kmh, known := fix.SpeedMPS.Value(); known {
		fix.SpeedMPS = geo.Reading{}
		if kmh >= 0 { // the app sends -1 for "unknown"
			fix.SpeedMPS = geo.Measured(kmh / 3.6)
		}
	}
	if fix.CourseDeg, err = p.CourseDeg.reading(-1, 360); err != nil {
		return err
	}
	if c, known := fix.CourseDeg.Value(); known && c < 0 {
		fix.CourseDeg = geo.Reading{}
	}
	if r.BatteryPct, err = p.Battery.reading(0, 100); err != nil {
		return err
	}
	r.Trigger, r.Queued = devices.Printable(p.Trigger, 8, ""), p.Conn == "o"
	switch {
	case p.Mode == nil:
	case *p.Mode == 1:
		r.Mode = devices.ModeSignificant
	case *p.Mode == 2:
		r.Mode = devices.ModeMove
	}
	for _, name := range p.InRegions[:min(len(p.InRegions), maxRegions)] {
		r.Regions = append(r.Regions, devices.Printable(name, 100, ""))
	}
	p.date(r, fix)
	return nil
}

// maxRegions bounds the names of regions that are kept of one location.
const maxRegions = 20

// transition tells that the phone itself entered or left a region; its
// coordinates are optional. It is kept as words with a fix: the phone's own fence
// knows neither dwell nor speed, so that it proves no arrival by itself, and false
// pairs of leave and enter are common.
func (p *payload) transition(r *devices.Report) error {
	if p.Event != "enter" && p.Event != "leave" {
		return fmt.Errorf("%w: %.20q", ErrEvent, p.Event)
	}
	desc := devices.Printable(p.Desc, 100, "")
	r.Text = strings.TrimSpace(p.Event + " " + desc)
	r.Crossing = &devices.Crossing{Region: desc, Entered: p.Event == "enter"}
	r.Trigger = devices.Printable(p.Trigger, 8, "")
	fix, err := p.position()
	if err != nil {
		return err
	}
	if fix != nil {
		r.Kind = devices.KindPosition
	}
	p.date(r, fix)
	return nil
}
