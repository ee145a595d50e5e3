package api

import (
	"htgateway/gateway/desk"
	"net/http"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/telemetry"
)

// staleAfter is when a unit's fix counts as old, everywhere.
const staleAfter = 5 * time.Minute

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
}

func (s *Server) feature(u incident.UnitState, asOf uint64) feature {
	p := unitProperties{
		ID: u.ID, CallSign: u.CallSign, Agency: u.Agency, Status: string(u.Status), StatusAt: moment(u.StatusAt),
		Incident: u.Incident, FixAt: moment(u.FixAt), HeardAt: moment(u.HeardAt), Stale: true,
		Emergency: u.Emergency, BatteryPct: reading(u.BatteryPct.Value()), Link: u.Link, AsOf: asOf,
	}
	if in, known := s.o.State.Incident(u.Incident); known {
		p.IncidentNumber = in.Number
	}
	f := feature{Type: "Feature", ID: u.ID}
	if u.Fix != nil {
		age := max(0, s.o.Now().Sub(u.FixAt).Seconds())
		p.FixAgeS, p.Stale = &age, age > staleAfter.Seconds()
		p.CourseDeg, p.SpeedMPS, p.AccuracyM = reading(u.Fix.CourseDeg.Value()), reading(u.Fix.SpeedMPS.Value()), reading(u.Fix.AccuracyM.Value())
		f.Geometry = &pointGeometry{Type: "Point", Coordinates: u.Fix.Point}
	}
	f.Properties = p
	return f
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

// defaultTrack is how far back a track goes when nobody says.
const defaultTrack = time.Hour

// track is a unit's way as a GeoJSON feature, with the time of each point.
func (s *Server) track(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if _, known := s.o.State.UnitByID(id); !known {
		problem(w, http.StatusNotFound, "no unit "+id)
		return
	}
	from, to, err := span(r)
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if from.IsZero() && to.IsZero() {
		from = s.o.Now().Add(-defaultTrack)
	}
	line, times := orb.LineString{}, []time.Time{}
	for p, err := range s.o.Series.Points(r.Context(), telemetry.Query{
		Measurement: telemetry.UnitFix, From: from, To: to, Tags: map[string]string{"unit": id},
	}) {
		if err != nil {
			s.fail(w, r, err)
			return
		}
		var point orb.Point
		for _, f := range p.Fields {
			switch v, _ := f.Value.(float64); f.Key {
			case "lon":
				point[0] = v
			case "lat":
				point[1] = v
			}
		}
		line, times = append(line, point), append(times, p.Time)
	}
	answer(w, http.StatusOK, map[string]any{
		"type": "Feature", "id": id, "geometry": map[string]any{"type": "LineString", "coordinates": line},
		"properties": map[string]any{"unit": id, "times": times},
	})
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
