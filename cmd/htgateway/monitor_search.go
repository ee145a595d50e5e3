package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/autobaud"
)

// How long monitor listens at a speed at which it hears nothing. Silence says
// nothing about the speed, and a radio that sends once a minute must not meet the
// same speed each time: every round is longer than the one before.
const (
	firstWindow = 10 * time.Second
	maxWindow   = 60 * time.Second
)

// trial is the search for speed and protocol at one speed.
type trial struct {
	*autobaud.Trial
	baud   int
	window time.Duration
	// timer ends the trial; giveUp closes the port.
	timer  *time.Timer
	giveUp context.CancelFunc
	// over is set once the speed has been given up: what still comes is not heard.
	over bool
	// heard is what came, to be decoded and recorded once the protocol is known.
	heard []heardChunk
	// before is why the other speeds were given up.
	before []string
}

type heardChunk struct {
	bytes []byte
	at    time.Time
}

// search listens at each speed in turn until one is settled, and then stays there
// until ctx ends.
func (m *monitor) search(ctx context.Context, speeds []int) {
	for window := firstWindow; ; window = min(window*3/2, maxWindow) {
		for _, baud := range speeds {
			m.listen(ctx, baud, window)
			if ctx.Err() != nil {
				return
			}
		}
	}
}

// beginTrial starts to search at a speed. The search keeps why others failed.
func (m *monitor) beginTrial(baud int, window time.Duration, giveUp context.CancelFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := &trial{baud: baud, window: window, giveUp: giveUp}
	t.Trial = autobaud.NewTrial(baud, autobaud.Candidates()...)
	if m.trial != nil {
		again := fmt.Sprintf("at %d:", baud)
		t.before = slices.DeleteFunc(m.trial.before, func(s string) bool { return strings.HasPrefix(s, again) })
	}
	t.timer = time.AfterFunc(window, func() { m.expire(t) })
	t.timer.Stop() // until the port is open
	m.trial = t
}

// expire ends a trial whose window is over.
func (m *monitor) expire(t *trial) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.trial != t || t.over:
	case t.Bytes() == 0:
		m.abandon(time.Now())
	default:
		m.judge(time.Now())
	}
}

// try takes bytes while the protocol is not known.
func (m *monitor) try(p []byte, at time.Time) {
	t := m.trial
	if t.over {
		return
	}
	t.heard = append(t.heard, heardChunk{bytes.Clone(p), at})
	t.Feed(p, at)
	if s, clear := t.Clear(); clear {
		m.found(s.Protocol, at)
	} else if t.Full() {
		m.judge(at)
	}
}

// judge decides a trial: the line is quiet, or enough was heard.
func (m *monitor) judge(at time.Time) {
	t := m.trial
	if t.over || t.Bytes() == 0 {
		return
	}
	t.Flush(at)
	s, found := t.Found()
	if !found {
		m.abandon(at)
		return
	}
	m.found(s.Protocol, at)
	m.flush(at)
}

// found settles on the trial's speed and shows what was heard so far.
func (m *monitor) found(p devices.Protocol, at time.Time) {
	t := m.trial
	t.timer.Stop()
	m.screen.note(at, "found "+strings.Join(append([]string{t.Finding()}, t.before...), "; "))
	m.settle(t.baud, p, t.heard[0].at)
	for _, c := range t.heard {
		m.take(c.bytes, c.at)
	}
}

// abandon gives the trial's speed up.
func (m *monitor) abandon(at time.Time) {
	t := m.trial
	t.over = true
	t.before = append(t.before, t.Failing())
	m.screen.note(at, t.Failing())
	var all []byte
	for _, c := range t.heard {
		all = append(all, c.bytes...)
	}
	if len(all) > 0 {
		m.tally.noise += len(all)
		m.screen.noise(at, all)
	}
	t.giveUp()
}
