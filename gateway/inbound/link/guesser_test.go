package link

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/inbound/intake"
)

// TestAGuesserIsSlowedWhileTheDeviceGoesOn: on POST /pub and at the edge sites' route,
// behind one address, with one verifier.
func TestAGuesserIsSlowedWhileTheDeviceGoesOn(t *testing.T) {
	t.Parallel()
	hash := password.Hash([]byte("rahasia"))
	v := account.NewVerifier(time.Now)
	s := &shelf{taken: make(chan intake.Heard, 100)}
	quiet := slog.New(slog.DiscardHandler)
	phones := NewPhones(owntracks.NewDecoder(nil), NewMailbox(time.Now), v, Parts{Intake: s, Now: time.Now, Log: quiet})
	edges := NewEdges(nil, v, time.Now, quiet)
	users := map[string]account.User{}
	for name, role := range map[string]account.Role{"andi": account.Device, "budi": account.Device, "ciremai": account.Edge, "kota": account.Edge} {
		users[name] = account.User{Name: name, Hash: hash, Role: role}
	}
	phones.SetUsers(users)
	edges.SetUsers(users)
	for name, c := range map[string]struct {
		handler            http.Handler
		body, known, fresh string
	}{
		"posts": {phones, fix + "}", "andi", "budi"},
		"edges": {edges, "{}", "ciremai", "kota"},
	} {
		ask := func(user, secret string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/pub?d=phone", bytes.NewReader([]byte(c.body)))
			r.SetPathValue("site", user)
			r.SetBasicAuth(user, secret)
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, r)
			return w
		}
		if w := ask(c.known, "rahasia"); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
		slowed := 0
		for i := range 50 {
			w := ask(c.known, "guess"+strconv.Itoa(i))
			switch w.Code {
			case http.StatusTooManyRequests:
				if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 {
					t.Fatalf("%s: Retry-After %q", name, w.Header().Get("Retry-After"))
				}
				slowed++
			case http.StatusUnauthorized:
			default:
				t.Fatalf("%s: %d", name, w.Code)
			}
			began := time.Now()
			if w := ask(c.known, "rahasia"); w.Code != http.StatusOK || time.Since(began) > time.Second {
				t.Fatalf("%s: the true one: %d after %v", name, w.Code, time.Since(began))
			}
		}
		if slowed < 40 {
			t.Errorf("%s: only %d of 50 guesses were slowed", name, slowed)
		}
		if w := ask(c.fresh, "rahasia"); w.Code != http.StatusOK {
			t.Errorf("%s: another one behind the address: %d", name, w.Code)
		}
	}
}
