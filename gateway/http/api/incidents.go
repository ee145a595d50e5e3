package api

import (
	"errors"
	"net/http"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// incidentView is an incident as the API shows it, with its clocks as they stand.
type incidentView struct {
	incident.Incident
	Clocks []sop.Clock `json:"clocks"`
	// AsOf is the number of the newest update that it is sure to contain: of two
	// views, the one with the smaller number is the older.
	AsOf uint64 `json:"as_of"`
}

// shown is an incident as it stands now.
func (s *Server) shown(id string) (incidentView, bool) {
	asOf := s.o.Updates.Last() // read before the state, so that it claims no more than is in it
	in, known := s.o.State.Incident(id)
	if !known {
		return incidentView{}, false
	}
	return s.view(in, asOf), true
}

func (s *Server) view(in incident.Incident, asOf uint64) incidentView {
	v := incidentView{Incident: in, Clocks: []sop.Clock{}, AsOf: asOf}
	if course, known := s.o.State.Course(in.ID); known {
		v.Clocks = append(v.Clocks, s.o.Plan.Clocks(course, s.o.Now().UTC())...)
	}
	return v
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request) {
	v, known := s.shown(r.PathValue("id"))
	if !known {
		problem(w, http.StatusNotFound, "no incident "+r.PathValue("id"))
		return
	}
	answer(w, http.StatusOK, v)
}

func (s *Server) openIncident(w http.ResponseWriter, r *http.Request) {
	var req desk.Request
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Open(r.Context(), caller(r), req)
	s.acted(w, r, http.StatusCreated, in, err)
}

func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Units []string `json:"units"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Dispatch(r.Context(), caller(r), r.PathValue("id"), req.Units)
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) review(w http.ResponseWriter, r *http.Request) {
	if err := body(w, r, &struct{}{}); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Review(r.Context(), caller(r), r.PathValue("id"))
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) note(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Text string `json:"text"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Note(r.Context(), caller(r), r.PathValue("id"), req.Text)
	s.acted(w, r, http.StatusCreated, in, err)
}

func (s *Server) correct(w http.ResponseWriter, r *http.Request) {
	var req desk.Correction
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Correct(r.Context(), caller(r), r.PathValue("id"), req)
	var unconfirmed *desk.UnconfirmedError
	if errors.As(err, &unconfirmed) {
		problemWith(w, http.StatusConflict, err.Error(), map[string]any{
			"code": "confirm", "doubts": unconfirmed.Doubts, "effects": append([]desk.Effect{}, unconfirmed.Effects...),
		})
		return
	}
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) closeIncident(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Reason string `json:"reason"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Close(r.Context(), caller(r), r.PathValue("id"), req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

// acted answers an act with the incident as it stands after it.
func (s *Server) acted(w http.ResponseWriter, r *http.Request, status int, in incident.Incident, err error) {
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v, known := s.shown(in.ID)
	if !known {
		v = s.view(in, 0)
	}
	answer(w, status, v)
}
