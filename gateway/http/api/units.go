package api

import (
	"net/http"
	"time"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident/silence"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// feature is a unit as GeoJSON; its geometry is null while it has no fix.
type feature struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Geometry   *pointGeometry `json:"geometry"`
	Properties unitProperties `json:"properties"`
}

// pointGeometry is a GeoJSON point. orb has a package for GeoJSON, which brings a
// database driver with it; two fields do not need that.
type pointGeometry struct {
	Type        string    `json:"type"`
	Coordinates orb.Point `json:"coordinates"`
}

type unitProperties struct {
	ID             string     `json:"id"`
	CallSign       string     `json:"call_sign"`
	Agency         string     `json:"agency"`
	Status         string     `json:"status"`
	StatusAt       *time.Time `json:"status_at"`
	Incident       string     `json:"incident"`
	IncidentNumber string     `json:"incident_number"`
	FixAt          *time.Time `json:"fix_at"`
	FixAgeS        *float64   `json:"fix_age_s"`
	Stale          bool       `json:"stale"`
	HeardAt        *time.Time `json:"heard_at"`
	CourseDeg      *float64   `json:"course_deg"`
	SpeedMPS       *float64   `json:"speed_mps"`
	AccuracyM      *float64   `json:"accuracy_m"`
	Emergency      bool       `json:"emergency"`
	BatteryPct     *float64   `json:"battery_pct"`
	Link           string     `json:"link"`
	// AsOf is as of an incident's view.
	AsOf uint64 `json:"as_of"`
	// Silence says why the place is old or not to be relied on; null when it is
	// fresh and good.
	Silence *silence.Silence `json:"silence"`
	// Clocks and SetAside say how far the unit's times and fixes can be relied on.
	Clocks   []incident.DeviceClock `json:"clocks,omitzero"`
	SetAside map[geo.Exclusion]int  `json:"set_aside,omitzero"`
}

// feature is a unit as it stands now.
func (s *Server) feature(u incident.UnitState, asOf uint64) feature {
	in, _ := s.o.State.Incident(u.Incident)
	return s.featureAt(u, s.o.Now(), in.Number, asOf, s.linkOf)
}

// featureAt is a unit as it stood at a moment, on the incident of that number.
func (s *Server) featureAt(u incident.UnitState, now time.Time, number string, asOf uint64, linkOf func(id string) *silence.Link) feature {
	p := unitProperties{
		ID: u.ID, CallSign: u.CallSign, Agency: u.Agency, Status: string(u.Status), StatusAt: moment(u.StatusAt),
		Incident: u.Incident, FixAt: moment(u.FixAt), HeardAt: moment(u.HeardAt), Stale: silence.Stale(u, now, s.o.StaleAfter),
		Emergency: u.Emergency, BatteryPct: reading(u.BatteryPct.Value()), Link: u.Link, AsOf: asOf,
		Clocks: u.Clocks, SetAside: u.SetAside, IncidentNumber: number,
	}
	var link *silence.Link
	if p.Stale { // which is rare, and asking all links costs
		link = linkOf(u.Link)
	}
	p.Silence = silence.Explain(u, link, now, s.o.StaleAfter)
	f := feature{Type: "Feature", ID: u.ID}
	if u.Fix != nil {
		age := max(0, now.Sub(u.FixAt).Seconds())
		p.FixAgeS = &age
		p.CourseDeg, p.SpeedMPS, p.AccuracyM = reading(u.Fix.CourseDeg.Value()), reading(u.Fix.SpeedMPS.Value()), reading(u.Fix.AccuracyM.Value())
		f.Geometry = &pointGeometry{Type: "Point", Coordinates: u.Fix.Point}
	}
	f.Properties = p
	return f
}

// linkOf is how a unit's link stands, nil when there is no such link.
func (s *Server) linkOf(id string) *silence.Link {
	for _, l := range s.o.Links() {
		if l.ID == id {
			return &silence.Link{ID: l.ID, Up: l.State != "down", Since: l.Since, Why: l.Why}
		}
	}
	return nil
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func reading(v float64, known bool) *float64 {
	if !known {
		return nil
	}
	return &v
}

func (s *Server) units(w http.ResponseWriter, _ *http.Request) {
	features := []feature{}
	asOf := s.o.Updates.Last()
	for _, u := range s.o.State.Units() {
		features = append(features, s.feature(u, asOf))
	}
	answer(w, http.StatusOK, map[string]any{"type": "FeatureCollection", "features": features})
}

// message queues a text for a unit's radio, or asks it for its position.
func (s *Server) message(w http.ResponseWriter, r *http.Request) {
	var m desk.Message
	if err := body(w, r, &m); err != nil {
		s.fail(w, r, err)
		return
	}
	queued, err := s.o.Desk.Send(r.Context(), caller(r), r.PathValue("id"), m)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusAccepted, queued)
}

// messages is what became of the newest messages to each unit.
func (s *Server) messages(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"messages": s.o.State.Deliveries()})
}

// report is one report with its raw frame and every link that heard it.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	report, found, err := s.o.Report(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		s.fail(w, r, err)
	case !found:
		problem(w, http.StatusNotFound, "no report "+r.PathValue("id"))
	default:
		answer(w, http.StatusOK, report)
	}
}
