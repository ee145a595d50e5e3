package api

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"htgateway/gateway/http/signin"
)

// guarded sets the headers of every answer, and refuses requests that reached a
// loopback gateway under a foreign name (DNS rebinding).
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.o.Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if s.o.LoopbackOnly && !loopbackName(r.Host) {
			problem(w, http.StatusMisdirectedRequest, "this gateway answers to loopback names only, not to "+r.Host)
			return
		}
		if why := s.standsBy(r); why != "" {
			unavailable(w, why)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// standsBy is why a request that brings something is not taken, empty when it may be.
func (s *Server) standsBy(r *http.Request) string {
	if s.o.Standby == nil || reads(r) || r.URL.Path != "/pub" && !strings.HasPrefix(r.URL.Path, "/api/") {
		return ""
	}
	return s.o.Standby()
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// allowed lets a request at a route when its person has the right to it. A route
// that has no right in the table is refused to everybody.
func (s *Server) allowed(pattern string, next http.Handler) http.Handler {
	right, listed := rights()[pattern]
	if right == byDevice {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, known := s.o.Door.Who(r)
		switch {
		case !known:
			w.Header().Set("WWW-Authenticate", `Bearer realm="htgateway"`)
			problem(w, http.StatusUnauthorized, "a token or a session is needed")
		case !listed || !p.Role.May(right):
			s.o.Log.Warn("request refused", "name", p.Name, "role", p.Role, "method", r.Method, "path", r.URL.Path)
			problem(w, http.StatusForbidden, "the role "+string(p.Role)+" may not do this")
		case s.o.Elsewhere != "" && (right == signin.Act || right == signin.Keep) && pattern != profiles:
			problem(w, http.StatusConflict, "this is the gateway of an edge site: acts are made at the centre, "+s.o.Elsewhere)
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, p)))
		}
	})
}

// personKey is where a request's context carries its person.
type personKey struct{}

// person is who makes an allowed request.
func person(r *http.Request) signin.Person {
	p, _ := r.Context().Value(personKey{}).(signin.Person)
	return p
}

// session tells the page who it is signed in as, what it may offer, and when the
// session ends, so that it can warn before.
func (s *Server) session(w http.ResponseWriter, r *http.Request) {
	p := person(r)
	view := struct {
		signin.Person
		Rights    []signin.Right `json:"rights"`
		Until     *time.Time     `json:"until"`
		CanSignIn bool           `json:"can_sign_in"`
	}{Person: p, Rights: p.Role.Rights(), CanSignIn: s.o.Door.HasUsers()}
	if until, has := s.o.Door.Until(r); has {
		view.Until = &until
	}
	answer(w, http.StatusOK, view)
}
