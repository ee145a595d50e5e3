package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sessionCookie carries a session that began with a one-time link.
const sessionCookie = "htgateway"

// sessionLife is longer than any shift: nobody is signed out in mid-incident.
const sessionLife = 16 * time.Hour

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
		if s.o.LoopbackOnly && !loopbackName(r.Host) {
			problem(w, http.StatusMisdirectedRequest, "this gateway answers to loopback names only, not to "+r.Host)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// authorised asks for the token or a session where a token is configured.
func (s *Server) authorised(next http.Handler) http.Handler {
	if s.o.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if has && same(token, s.o.Token) {
			next.ServeHTTP(w, r)
			return
		}
		if c, err := r.Cookie(sessionCookie); err == nil && s.entry.holds(c.Value) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="htgateway"`)
		problem(w, http.StatusUnauthorized, "a token or a session is needed")
	})
}

// same compares two secrets in a time that does not depend on them.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// entry keeps one-time keys and the sessions that they opened, as hashes.
type entry struct {
	mu       sync.Mutex
	keys     map[[32]byte]bool
	sessions map[[32]byte]time.Time
}

func newEntry() *entry {
	return &entry{keys: map[[32]byte]bool{}, sessions: map[[32]byte]time.Time{}}
}

// OneTimeKey makes a key that opens one session at /enter?key=KEY.
func (s *Server) OneTimeKey() string {
	key := rand.Text()
	s.entry.mu.Lock()
	defer s.entry.mu.Unlock()
	s.entry.keys[sha256.Sum256([]byte(key))] = true
	return key
}

func (e *entry) holds(session string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	until, known := e.sessions[sha256.Sum256([]byte(session))]
	return known && time.Now().Before(until)
}

// redeem uses up a key and returns a session.
func (e *entry) redeem(key string) (string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	hash := sha256.Sum256([]byte(key))
	if !e.keys[hash] {
		return "", false
	}
	delete(e.keys, hash)
	session := rand.Text()
	e.sessions[sha256.Sum256([]byte(session))] = time.Now().Add(sessionLife)
	return session, true
}

func (s *Server) enter(w http.ResponseWriter, r *http.Request) {
	session, ok := s.entry.redeem(r.URL.Query().Get("key"))
	if !ok {
		problem(w, http.StatusForbidden, "this link was used before or is not known")
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: session, Path: "/", MaxAge: int(sessionLife.Seconds()),
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
