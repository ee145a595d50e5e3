package simulation

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Truth writes what really happened in a simulated county, whatever was heard of it: one
// JSON object a line. It is safe for concurrent use.
type Truth struct {
	mu  sync.Mutex
	out *json.Encoder
	err error
}

// Happened is one line of the truth.
type Happened struct {
	// Incident is the one that the unit was sent to; it may be merged into another later.
	Incident string `json:"incident"`
	Unit     string `json:"unit"`
	// Milestone is dispatched (it was sent), en_route (it left), on_scene (it stood at the
	// place) or completed (it was done).
	Milestone string    `json:"milestone"`
	At        time.Time `json:"at"`
}

// NewTruth returns a truth that is written to out.
func NewTruth(out io.Writer) *Truth { return &Truth{out: json.NewEncoder(out)} }

// Note writes a line. The first error is kept for [Truth.Err].
func (t *Truth) Note(h Happened) {
	if t == nil || h.Incident == "" {
		return
	}
	h.At = h.At.UTC()
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.out.Encode(h); err != nil && t.err == nil {
		t.err = fmt.Errorf("cannot write what really happened: %w", err)
	}
}

// Err is why a line could not be written.
func (t *Truth) Err() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}
