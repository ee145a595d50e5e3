package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"htgateway/gateway/signin"
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
