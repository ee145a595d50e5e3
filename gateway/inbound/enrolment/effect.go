package enrolment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/fold"
)

// Downstream is everything that follows from the roster, from the tracker to the last sink.
type Downstream interface {
	// Reset prepares another beginning, under other units.
	Reset(ctx context.Context, units []incident.Unit) error
	// Follow runs until ctx ends; again is set but for the first time.
	Follow(ctx context.Context, again bool) error
	// Ready returns once everything that was in the journal at the call is folded.
	Ready(ctx context.Context) error
}

// Effect has an enrolment have its effect while the gateway runs. It is safe for concurrent
// use.
type Effect struct {
	roster *Roster
	// changed says that the roster is another one.
	changed chan struct{}

	mu      sync.Mutex
	version int           // the roster under which everything is folded
	folded  chan struct{} // closed and replaced when version grows
}

// NewEffect returns the effect of a roster's acts; whoever hears of them calls
// [Effect.Changed].
func NewEffect(r *Roster) *Effect {
	return &Effect{roster: r, changed: make(chan struct{}, 1), folded: make(chan struct{})}
}

// Changed says that the roster is another one.
func (e *Effect) Changed() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// Run runs what follows from the roster until ctx ends, and begins it anew whenever the
// roster changes: what a device said before it was bound is then counted. Links, listeners
// and journal go on meanwhile.
func (e *Effect) Run(ctx context.Context, d Downstream) error {
	for again := false; ; again = true {
		units, version := e.roster.Units()
		if again {
			if err := d.Reset(ctx, units); err != nil {
				return fmt.Errorf("cannot count anew: %w", err)
			}
		}
		life, end := context.WithCancel(ctx)
		group, groupCtx := errgroup.WithContext(life)
		group.Go(func() error { return d.Follow(groupCtx, again) })
		group.Go(func() error {
			if d.Ready(groupCtx) == nil {
				e.grow(version)
			}
			return nil // ended before it was ready
		})
		select {
		case <-e.changed:
		case <-groupCtx.Done():
		}
		end()
		err := group.Wait()
		if ctx.Err() != nil || err != nil && !errors.Is(err, fold.ErrBeginAgain) {
			return err
		}
	}
}

func (e *Effect) grow(version int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if version > e.version {
		e.version = version
	}
	close(e.folded)
	e.folded = make(chan struct{})
}

// settleWithin is how long, in real time, an answer waits for its effect; the act
// itself is in the journal.
const settleWithin = 10 * time.Second

// Settled returns once the present roster is the one that everything is folded
// under, or after a while.
func (e *Effect) Settled(ctx context.Context) {
	_, want := e.roster.Units()
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		e.mu.Lock()
		have, folded := e.version, e.folded
		e.mu.Unlock()
		if have >= want {
			return
		}
		select {
		case <-folded:
		case <-ctx.Done():
			return
		}
	}
}
