package erasure

import (
	"context"
	"log/slog"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// State is what the tracker knows. Its checkpoint may say what is to be forgotten.
type State interface {
	// Ready returns once everything in the journal is folded.
	Ready(ctx context.Context) error
	// Forget removes the checkpoint; a later one is made of the journal as it is then.
	Forget()
	// Acts are the ids of an incident's acts.
	Acts(incident string) []string
}

// Eraser forgets in all that a running gateway has stored: journal, updates, and the
// tracker's checkpoint.
type Eraser struct {
	Journal interface {
		Journal
		Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	}
	Updates interface {
		Updates
		FixUpdates
	}
	State State
	// Units is the roster.
	Units func() []incident.Unit
	Log   *slog.Logger
}

// ForgetCaller takes the caller of an incident out, once the act that says so is in the
// journal; see [Caller].
func (e *Eraser) ForgetCaller(ctx context.Context, id string) error {
	e.State.Forget()
	err := Caller(ctx, e.Journal, e.Updates, id, e.State.Acts(id))
	e.State.Forget() // again, in case that a checkpoint was made meanwhile
	return err
}

// ForgetPlaces forgets where units were before a time and no incident needs to know; see
// [Fixes].
func (e *Eraser) ForgetPlaces(ctx context.Context, before time.Time) (int, error) {
	n, err := Fixes(ctx, e.Journal, e.Updates, e.Units(), before)
	if n > 0 {
		e.State.Forget()
	}
	return n, err
}

// FollowJournal keeps this machine's updates to what another gateway forgets in the
// journal that they share, at once and then every so often until ctx ends. What fails is
// logged and tried again then.
func (e *Eraser) FollowJournal(ctx context.Context, every time.Duration) error {
	again := time.NewTicker(every)
	defer again.Stop()
	for {
		err := e.State.Ready(ctx)
		var n int
		if err == nil {
			n, err = Along(ctx, e.Journal, e.Updates)
		}
		if n > 0 {
			e.State.Forget()
			e.Log.Info("places forgotten along with the area's journal", "fixes", n)
		}
		if err != nil && ctx.Err() == nil {
			e.Log.Error("this gateway still has places that its area's journal forgot", "reason", err)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}
