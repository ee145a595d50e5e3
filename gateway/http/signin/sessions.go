package signin

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// How long a session lives: by the clock longer than any shift, so that nobody is
// signed out in mid-incident, and unused long enough for a meal.
const (
	SessionLife = 16 * time.Hour
	sessionIdle = 8 * time.Hour
	// saveSeenEvery is how stale the file may be about when a session was used.
	saveSeenEvery = 5 * time.Minute
)

// session is one browser that signed in.
type session struct {
	Person
	// Outside marks a person whom the users file does not know: a one-time link,
	// or another service that vouched for them.
	Outside bool      `json:"outside,omitzero"`
	Until   time.Time `json:"until"`
	Seen    time.Time `json:"seen"`
}

// sessions keeps sessions under the hash of their secret, in a file, so that a
// restart of the gateway signs nobody out. Safe for concurrent use.
type sessions struct {
	path string // empty keeps them in memory
	now  func() time.Time

	mu   sync.Mutex
	held map[string]session
}

func openSessions(path string, now func() time.Time) (*sessions, error) {
	s := &sessions{path: path, now: now, held: map[string]session{}}
	if path == "" {
		return s, nil
	}
	text, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the sessions: %w", err)
	}
	if err := json.Unmarshal(text, &s.held); err != nil {
		// They can be made again by signing in; a gateway that does not start cannot.
		s.held = map[string]session{}
	}
	return s, nil
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// begin makes a session and returns its secret, which is kept nowhere.
func (s *sessions) begin(p Person, outside bool) (secret string, until time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for key, held := range s.held {
		if !held.live(now) {
			delete(s.held, key)
		}
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	secret = hex.EncodeToString(random[:])
	until = now.Add(SessionLife)
	s.held[hashed(secret)] = session{Person: p, Outside: outside, Until: until, Seen: now}
	return secret, until, s.save()
}

// find returns a live session and notes that it was used.
func (s *sessions) find(secret string) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, now := hashed(secret), s.now()
	held, known := s.held[key]
	if !known || !held.live(now) {
		return session{}, false
	}
	if now.Sub(held.Seen) > saveSeenEvery {
		held.Seen = now
		s.held[key] = held
		_ = s.save() // the session is good all the same; the next use tries again
	}
	return held, true
}

func (s *sessions) end(secret string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, hashed(secret))
	return s.save()
}

func (h session) live(now time.Time) bool {
	return now.Before(h.Until) && now.Sub(h.Seen) < sessionIdle
}

func (s *sessions) save() error {
	if s.path == "" {
		return nil
	}
	text, err := json.Marshal(s.held)
	if err != nil {
		return fmt.Errorf("cannot encode the sessions: %w", err)
	}
	return replaceFile(s.path, text)
}
