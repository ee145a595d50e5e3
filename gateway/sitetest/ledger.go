package sitetest

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"
)

// Ledger is what was acknowledged, by its text, kept apart from all that the gateway
// keeps.
type Ledger struct {
	Mu    sync.Mutex // guards the rest while messages are sent
	By    map[string]bool
	At    map[string]time.Time // when it was first acknowledged
	grown chan struct{}
}

// NewLedger is one in which nothing is yet.
func NewLedger() *Ledger {
	return &Ledger{By: map[string]bool{}, At: map[string]time.Time{}, grown: make(chan struct{})}
}

// Add notes an acknowledgement; only the first of a text gives its time.
func (l *Ledger) Add(text string) {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	if !l.By[text] {
		l.By[text], l.At[text] = true, time.Now()
	}
	close(l.grown)
	l.grown = make(chan struct{})
}

// Size is how many were acknowledged.
func (l *Ledger) Size() int {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return len(l.By)
}

// Texts are all that were acknowledged.
func (l *Ledger) Texts() []string {
	l.Mu.Lock()
	defer l.Mu.Unlock()
	return slices.Collect(maps.Keys(l.By))
}

// Await waits until so many are in.
func (l *Ledger) Await(t *testing.T, n int) {
	t.Helper()
	l.until(t, fmt.Sprintf("%d acknowledgements", n), func() bool { return len(l.By) >= n })
}

func (l *Ledger) until(t *testing.T, what string, enough func() bool) {
	t.Helper()
	for deadline := time.After(StreamTime); ; {
		l.Mu.Lock()
		done, n, grown := enough(), len(l.By), l.grown
		l.Mu.Unlock()
		if done {
			return
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("never %s: %d", what, n)
		}
	}
}
