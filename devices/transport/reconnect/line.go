package reconnect

import (
	"sync"
	"time"
)

// State of a line.
type State struct {
	// Name is "opening", "up" or "down".
	Name string
	// Since is when this state began, UTC.
	Since time.Time
	// Why is what is wrong and what to do, empty when nothing is.
	Why string
}

// Line is how a line stands. It is safe for concurrent use.
type Line struct {
	now    func() time.Time
	notify func(State)

	mu    sync.Mutex
	state State
}

// NewLine returns a line that stands so. notify is called at every change.
func NewLine(name, why string, now func() time.Time, notify func(State)) *Line {
	return &Line{now: now, notify: notify, state: State{Name: name, Since: now().UTC(), Why: why}}
}

// State returns how the line stands now.
func (l *Line) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Turn notes how the line stands. The same state for another reason began when it did.
func (l *Line) Turn(name, why string) {
	l.mu.Lock()
	changed := l.state.Name != name || l.state.Why != why
	if l.state.Name != name {
		l.state.Since = l.now().UTC()
	}
	l.state.Name, l.state.Why = name, why
	s := l.state
	l.mu.Unlock()
	if changed {
		l.notify(s)
	}
}
