package api

import (
	"maps"
	"net/http"
	"slices"

	"htgateway/gateway/incident"
)

func (s *Server) links(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"links": s.o.Links()})
}

func (s *Server) strangers(w http.ResponseWriter, _ *http.Request) {
	list := s.o.State.UnknownDevices()
	if list == nil {
		list = []incident.UnknownDevice{}
	}
	answer(w, http.StatusOK, map[string]any{"devices": list})
}

func (s *Server) setup(w http.ResponseWriter, _ *http.Request) {
	limits := map[string]float64{}
	plan := s.o.Plan.At(s.o.Now())
	for name, limit := range plan.Limits {
		limits[string(name)] = limit.Seconds()
	}
	roster := s.o.Roster()
	if roster == nil {
		roster = []incident.Unit{}
	}
	answer(w, http.StatusOK, map[string]any{
		"county": s.o.County, "categories": s.o.Plan.Categories, "sop": limits, "warn_at": plan.WarnAt, "stale_after_s": s.o.StaleAfter.Seconds(),
		"whole_flow_reading": plan.WholeFlowReading, "routes": slices.Sorted(maps.Keys(s.routes())), "units": roster, "clock": s.clock(), "map": s.o.Map.view(),
	})
}

// clock tells the page how the gateway's time runs.
func (s *Server) clock() map[string]any {
	return map[string]any{"now": s.o.Now().UTC(), "speed": s.o.Speed}
}

func (s *Server) places(w http.ResponseWriter, r *http.Request) {
	type found struct {
		Name     string  `json:"name"`
		District string  `json:"district"`
		Lat      float64 `json:"lat"`
		Lon      float64 `json:"lon"`
		RadiusM  float64 `json:"radius_m"`
	}
	out := []found{}
	for _, p := range s.o.Places.Find(r.URL.Query().Get("q")) {
		out = append(out, found{p.Name, p.District, p.Point[1], p.Point[0], p.RadiusM})
	}
	answer(w, http.StatusOK, map[string]any{"places": out})
}
