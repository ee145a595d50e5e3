package api

import "net/http"

// edge is POST /edges/{site}/records.
func (s *Server) edge(w http.ResponseWriter, r *http.Request) {
	if s.o.Edges == nil {
		problem(w, http.StatusNotFound, "no edge site delivers to this gateway")
		return
	}
	s.o.Edges.ServeHTTP(w, r)
}
