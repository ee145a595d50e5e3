package record

import (
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo/places"
)

// Office is the heading of a sheet and who signs it.
type Office struct {
	County  string `json:"county,omitzero" yaml:"-"`
	Name    string `json:"name,omitzero" yaml:"name"`
	Service string `json:"service,omitzero" yaml:"service"`
	Address string `json:"address,omitzero" yaml:"address"`
	// City stands before the date of the signature.
	City string `json:"city,omitzero" yaml:"city"`
	// Signatory is who signs for the office, Position as what.
	Signatory string `json:"signatory,omitzero" yaml:"signatory"`
	Position  string `json:"position,omitzero" yaml:"position"`
}

// Sheet is the record of one incident. Times are UTC; it is printed in Zone.
type Sheet struct {
	Office Office    `json:"office"`
	MadeAt time.Time `json:"made_at"`
	// Zone is the local time in which it is printed.
	Zone *time.Location `json:"-"`
	// Category in the office's words.
	Category sop.Category `json:"category_name"`
	// Incident is all that the tracker knows of it; Caller is empty unless asked for.
	Incident incident.Incident `json:"incident"`
	// CallerWithheld says that a caller is known and left out.
	CallerWithheld bool `json:"caller_withheld"`

	Units       []UnitPart   `json:"units"`
	Arrivals    []Arrival    `json:"arrivals"`
	Clocks      []Clock      `json:"clocks"`
	Reading     string       `json:"whole_flow_reading"`
	Corrections []Correction `json:"corrections"`
	Timeline    []Line       `json:"timeline"`
	Tracks      []Track      `json:"tracks"`
	Frames      []Frame      `json:"frames"`

	landmarks []Landmark
}

// UnitPart is one unit's part in the incident: the times of its stages, zero where
// one is missing.
type UnitPart struct {
	incident.Unit
	Dispatched   time.Time `json:"dispatched,omitzero"`
	Acknowledged time.Time `json:"acknowledged,omitzero"`
	EnRoute      time.Time `json:"en_route,omitzero"`
	OnScene      time.Time `json:"on_scene,omitzero"`
	Completed    time.Time `json:"completed,omitzero"`
	// Ended is when it was taken off before completing.
	Ended   time.Time `json:"ended,omitzero"`
	Updates int       `json:"progress_updates"`
}

// Arrival is one unit's arrival with its two witnesses.
type Arrival struct {
	Unit     string    `json:"unit"`
	CallSign string    `json:"call_sign"`
	At       time.Time `json:"at"`
	// By is the evidence that sets the time.
	By         incident.Evidence `json:"by"`
	Verdict    string            `json:"verdict"`
	Confidence float64           `json:"confidence"`
	Key        *incident.Witness `json:"key,omitzero"`
	Geofence   *incident.Witness `json:"geofence,omitzero"`
	// DifferenceS is geofence less key, in seconds; nil without both.
	DifferenceS *float64 `json:"difference_s,omitzero"`
	// Clock says whose clock At is.
	Clock string `json:"clock,omitzero"`
}

// Clock is one run of a clock of the procedure.
type Clock struct {
	Name       sop.ClockName `json:"clock"`
	Unit       string        `json:"unit,omitzero"`
	CallSign   string        `json:"call_sign,omitzero"`
	Occurrence int           `json:"occurrence"`
	StartedAt  time.Time     `json:"started_at"`
	DueAt      time.Time     `json:"due_at"`
	StoppedAt  time.Time     `json:"stopped_at,omitzero"`
	// Ended is why it stopped without the report that it waited for.
	Ended  sop.Cut `json:"ended,omitzero"`
	LimitS float64 `json:"limit_s"`
	// UsedS is what was used until it stopped, or until the sheet was made.
	UsedS float64   `json:"used_s"`
	State sop.State `json:"state"`
}

// LeftS is what was left of the limit, in seconds; negative by how much it was passed.
func (c Clock) LeftS() float64 { return c.LimitS - c.UsedS }

// Correction is a milestone's value before and after it was replaced.
type Correction struct {
	Milestone incident.MilestoneName `json:"milestone"`
	Unit      string                 `json:"unit,omitzero"`
	CallSign  string                 `json:"call_sign,omitzero"`
	// CorrectedAt is when the gateway took the new value.
	CorrectedAt  time.Time         `json:"corrected_at"`
	Before       time.Time         `json:"before"`
	BeforeBy     incident.Evidence `json:"before_by"`
	BeforeReport string            `json:"before_report"`
	// After is zero when the milestone was withdrawn.
	After       time.Time         `json:"after,omitzero"`
	AfterBy     incident.Evidence `json:"after_by,omitzero"`
	AfterReport string            `json:"after_report,omitzero"`
	Reason      string            `json:"reason,omitzero"`
	By          string            `json:"by,omitzero"`
}

// Spot is where something was said.
type Spot struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
	// FromSceneM is the distance to the incident in metres, nil when its place is
	// not known.
	FromSceneM *float64 `json:"from_scene_m,omitzero"`
	// AgeS is how many seconds the fix is from the moment, 0 when it came with it.
	AgeS float64 `json:"age_s,omitzero"`
	// After tells that the fix is later than the moment.
	After bool `json:"after,omitzero"`
}

// Line is one line of the timeline.
type Line struct {
	At      time.Time `json:"at"`
	KnownAt time.Time `json:"known_at"`
	Kind    string    `json:"kind"`
	Who     string    `json:"who"`
	// What and Means are in Indonesian.
	What   string `json:"what"`
	Means  string `json:"means"`
	Where  *Spot  `json:"where,omitzero"`
	Report string `json:"report,omitzero"`
}

// LateS is how many seconds after it happened it became known.
func (l Line) LateS() float64 { return l.KnownAt.Sub(l.At).Seconds() }

// Track is one unit's way while it was on the incident.
type Track struct {
	Unit     string       `json:"unit"`
	CallSign string       `json:"call_sign"`
	Points   []TrackPoint `json:"points"`
}

// TrackPoint is one fix of a track.
type TrackPoint struct {
	At     time.Time `json:"at"`
	Lat    float64   `json:"lat"`
	Lon    float64   `json:"lon"`
	Report string    `json:"report"`

	device devices.Identity // whose fix it is
}

// Frame is one report as it was heard: the evidence.
type Frame struct {
	devices.Report
	JournaledAt time.Time         `json:"journaled_at"`
	Heard       []devices.Hearing `json:"heard"`
	RawHex      string            `json:"raw_hex"`
	RawText     string            `json:"raw_text"`
}

// LandmarksOf are the villages of a county.
func LandmarksOf(g *places.Gazetteer) []Landmark {
	var out []Landmark
	for _, v := range g.Villages() {
		out = append(out, Landmark{Name: v.Name, Lat: v.Point.Lat(), Lon: v.Point.Lon()})
	}
	return out
}

// Landmark is a place near the scene, for finding one's way on the sketch.
type Landmark struct {
	Name     string
	Lat, Lon float64
}
