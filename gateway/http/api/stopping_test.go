package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// TestFailAlwaysAnswers: an act whose request has ended is answered, and not with 200.
func TestFailAlwaysAnswers(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	s := &Server{o: Options{Log: slog.New(slog.DiscardHandler)}}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		err    error
		status int
		again  string
	}{
		{"the request ended", ended, ended.Err(), 503, "2"},
		{"the request ended, and nobody knows why", ended, errors.New("x"), 503, "2"},
		{"another gateway acts", t.Context(), errors.Join(incident.ErrNotStored, errors.New("standby")), 503, "2"},
		{"the disk is full", t.Context(), errors.Join(incident.ErrNotStored, journal.ErrNoSpace), 507, ""},
		{"refused while it ended", ended, incident.ErrConflict, 409, ""},
		{"a fault", t.Context(), errors.New("x"), 500, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			s.fail(w, httptest.NewRequestWithContext(c.ctx, "POST", "/api/v1/incidents", nil), c.err)
			if w.Code != c.status || w.Header().Get("Retry-After") != c.again || !strings.Contains(w.Body.String(), `"detail"`) {
				t.Errorf("%d, again after %q: %s", w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		})
	}
}

// TestNobodySucceedsByLeaving: a handler that writes nothing has not taken anything.
func TestNobodySucceedsByLeaving(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method string
		handler      http.HandlerFunc
		status       int
	}{
		{"leaves", "POST", func(http.ResponseWriter, *http.Request) {}, 503},
		{"leaves a deletion", "DELETE", func(http.ResponseWriter, *http.Request) {}, 503},
		{"leaves with headers", "POST", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", "y") }, 503},
		{"says that more comes, and leaves", "POST", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusContinue) }, 503},
		{"says that there is nothing to say", "DELETE", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, 204},
		{"answers", "POST", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, 200},
		{"reads", "GET", func(http.ResponseWriter, *http.Request) {}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answered(c.handler))
			defer server.Close()
			req, err := http.NewRequestWithContext(t.Context(), c.method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != c.status {
				t.Errorf("%s", resp.Status)
			}
		})
	}
}

// TestStopEndsReadsOnly: an event stream ends with the stop, an act goes on.
func TestStopEndsReadsOnly(t *testing.T) {
	t.Parallel()
	stop, end := context.WithCancel(t.Context())
	seen := map[string]context.Context{}
	h := EndReads(stop, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if end(); r.Method == http.MethodGet {
			<-r.Context().Done()
			return
		}
		seen[r.Method] = r.Context()
		if err := r.Context().Err(); err != nil {
			t.Errorf("%s: %v", r.Method, err)
		}
	}))
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, "/", nil))
	}
	if len(seen) != 2 {
		t.Errorf("%v", seen)
	}
}
