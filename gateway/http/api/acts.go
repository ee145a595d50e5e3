package api

import (
	"net/http"

	"htgateway/gateway/incident"
)

// because is the body of an act that needs nothing but a reason.
type because struct {
	Reason string `json:"reason"`
}

func (s *Server) release(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Units  []string `json:"units"`
		Reason string   `json:"reason"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Release(r.Context(), caller(r), r.PathValue("id"), req.Units, req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) {
	var req because
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Cancel(r.Context(), caller(r), r.PathValue("id"), req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) reopen(w http.ResponseWriter, r *http.Request) {
	var req because
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Reopen(r.Context(), caller(r), r.PathValue("id"), req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

func (s *Server) relocate(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Location incident.Location `json:"location"`
		Reason   string            `json:"reason"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Relocate(r.Context(), caller(r), r.PathValue("id"), req.Location, req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

// merge makes the incident of the path a duplicate of the one in the body.
func (s *Server) merge(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Into   string `json:"into"`
		Reason string `json:"reason"`
	}
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.Merge(r.Context(), caller(r), r.PathValue("id"), req.Into, req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

// eraseCaller forgets who called.
func (s *Server) eraseCaller(w http.ResponseWriter, r *http.Request) {
	var req because
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	in, err := s.o.Desk.EraseCaller(r.Context(), caller(r), r.PathValue("id"), req.Reason)
	s.acted(w, r, http.StatusOK, in, err)
}

// alerts lists the alerts that somebody has to look at; every one with ?all=1.
func (s *Server) alerts(w http.ResponseWriter, r *http.Request) {
	list := s.o.State.OpenAlerts
	if r.URL.Query().Get("all") != "" {
		list = s.o.State.Alerts
	}
	answer(w, http.StatusOK, map[string]any{"alerts": append([]incident.Alert{}, list()...)})
}

func (s *Server) ackAlert(w http.ResponseWriter, r *http.Request) {
	var req because
	if err := body(w, r, &req); err != nil {
		s.fail(w, r, err)
		return
	}
	a, err := s.o.Desk.AckAlert(r.Context(), caller(r), r.PathValue("id"), req.Reason)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, a)
}
