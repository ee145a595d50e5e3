package api

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"htgateway/gateway/http/signin"
)

// TestEveryRouteHasARight fails for a new route until somebody has said who may
// use it, and for a right whose route is gone.
func TestEveryRouteHasARight(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	table := rights()
	for pattern := range s.routes() {
		right, listed := table[pattern]
		if !listed {
			t.Errorf("%s has no right", pattern)
		}
		if strings.HasPrefix(pattern, "GET ") && right == signin.Act {
			t.Errorf("%s changes nothing and must not need %q", pattern, right)
		}
		if !strings.HasPrefix(pattern, "GET ") && (right == signin.See || right == signin.Study) {
			t.Errorf("%s changes something and is open to who may only %q", pattern, right)
		}
		delete(table, pattern)
	}
	delete(table, "GET /metrics")
	delete(table, profiles)
	for pattern := range table {
		t.Errorf("a right for %s, which is no route", pattern)
	}
}

// TestRolesAtRoutes is the table of who may do what.
func TestRolesAtRoutes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		right                              signin.Right
		viewer, dispatcher, analyst, admin bool
	}{
		{signin.See, true, true, true, true},
		{signin.Act, false, true, false, false},
		{signin.Study, false, true, true, false},
		{signin.Keep, false, false, false, true},
		{"something new", false, false, false, false},
	} {
		for role, want := range map[signin.Role]bool{
			signin.Viewer: c.viewer, signin.Dispatcher: c.dispatcher, signin.Analyst: c.analyst, signin.Admin: c.admin, "nobody": false,
		} {
			if got := role.May(c.right); got != want {
				t.Errorf("%s may %s: %v", role, c.right, got)
			}
		}
	}
}

func TestMetricsAreForThisMachineOrForWhoMaySee(t *testing.T) {
	t.Parallel()
	door, err := signin.New(signin.Options{Token: "skrip"})
	if err != nil {
		t.Fatal(err)
	}
	for loopback, want := range map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized} {
		s := New(Options{Door: door, LoopbackOnly: loopback, Registry: prometheus.NewRegistry()})
		w := httptest.NewRecorder()
		s.metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if w.Code != want {
			t.Errorf("loopback %v: %d", loopback, w.Code)
		}
	}
}

// TestProfilesAreForAdmins: a profile shows what the gateway's memory is busy with.
func TestProfilesAreForAdmins(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]map[string]int{
		"/debug/pprof/":                    {"": http.StatusUnauthorized, "skrip": http.StatusOK},
		"/debug/pprof/goroutine?debug=1":   {"": http.StatusUnauthorized, "skrip": http.StatusOK},
		"/debug/pprof/profile?seconds=999": {"": http.StatusUnauthorized, "salah": http.StatusUnauthorized},
		"/debug/pprof/trace":               {"": http.StatusUnauthorized},
	} {
		for token, status := range want {
			door, err := signin.New(signin.Options{Token: "skrip"})
			if err != nil {
				t.Fatal(err)
			}
			s := New(Options{Door: door, LoopbackOnly: true, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Page: http.NotFoundHandler()})
			r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != status {
				t.Errorf("%s with token %q: %d", path, token, w.Code)
			}
		}
	}
	if rights()[profiles] != signin.Keep || signin.Viewer.May(signin.Keep) || signin.Dispatcher.May(signin.Keep) || signin.Analyst.May(signin.Keep) {
		t.Error("somebody else than an admin may read profiles")
	}
}
