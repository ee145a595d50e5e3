package api

import (
	"context"
	"net/http"
)

// retryAfterS is after how many seconds a request that could not be taken is to be sent
// again: a gateway that begins anew, or another in its place, takes it then.
const retryAfterS = "2"

// unavailable answers that something was not taken and is to be sent again.
func unavailable(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", retryAfterS)
	problem(w, http.StatusServiceUnavailable, why)
}

// reads tells whether a request brings nothing.
func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
}

// EndReads ends what is only read, event streams above all, when stop ends. What brings
// something goes on: it is finished, or answered that it was not taken.
func EndReads(stop context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reads(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(stop, cancel)()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// answered makes sure that no handler says by leaving that it took something: net/http
// answers 200 in the place of one that wrote nothing.
func answered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if reads(r) {
			next.ServeHTTP(w, r)
			return
		}
		seen := &seenWriter{ResponseWriter: w}
		next.ServeHTTP(seen, r)
		if !seen.wrote {
			unavailable(w, "this was not taken; send it again")
		}
	})
}

// seenWriter notes that something was answered.
type seenWriter struct {
	http.ResponseWriter
	wrote bool
}

// WriteHeader notes it.
func (s *seenWriter) WriteHeader(status int) {
	s.wrote = s.wrote || status >= http.StatusOK // less is no answer yet
	s.ResponseWriter.WriteHeader(status)
}

// Write notes it.
func (s *seenWriter) Write(b []byte) (int, error) {
	s.wrote = true
	return s.ResponseWriter.Write(b)
}

// Unwrap is for [http.ResponseController].
func (s *seenWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
