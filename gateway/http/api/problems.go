package api

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"

	"htgateway/gateway/incident"

	"htgateway/gateway/journal"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 64 << 10

// problem answers with RFC 9457 problem details.
func problem(w http.ResponseWriter, status int, detail string) {
	problemWith(w, status, detail, nil)
}

// problemWith answers with more members than those that every problem has.
func problemWith(w http.ResponseWriter, status int, detail string, members map[string]any) {
	said := map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail}
	maps.Copy(said, members)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said) // the client is gone when this fails
}

// fail answers with the problem that an error is. It always answers: whoever leaves
// without a word has said 200.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, incident.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, incident.ErrConflict):
		status = http.StatusConflict
	case errors.Is(err, incident.ErrInvalid):
		status = http.StatusUnprocessableEntity
	case errors.Is(err, errBody):
		status = http.StatusBadRequest
	case errors.Is(err, journal.ErrNoSpace):
		status = http.StatusInsufficientStorage
	case errors.Is(err, incident.ErrNotStored), r.Context().Err() != nil:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", retryAfterS)
	}
	if status == http.StatusInternalServerError || errors.Is(err, incident.ErrNotStored) {
		s.o.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "reason", err)
	}
	problem(w, status, err.Error())
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone when this fails
}

var errBody = errors.New("cannot read the request")

// body reads a request's JSON strictly: one value, no unknown fields, no more
// than 64 KiB. An empty body leaves into as it is.
func body(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(errBody, err)
	}
	if d.More() {
		return errors.Join(errBody, errors.New("more than one JSON value"))
	}
	return nil
}

// caller is who asks, with the key that makes a repeated request one.
func caller(r *http.Request) incident.Actor {
	return incident.Actor{By: person(r).Name, Key: r.Header.Get("Idempotency-Key")}
}
