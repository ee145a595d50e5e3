package erasure

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"htgateway/gateway/incident"
)

// State is what the tracker knows, in memory and in its checkpoint.
type State interface {
	// Ready returns once everything in the journal is folded.
	Ready(ctx context.Context) error
	// Forget removes the checkpoint; a later one is made of the journal as it is then.
	Forget()
	// Acts are the ids of the acts about an incident and about all that it was ever merged
	// with.
	Acts(incident string) []string
	// Callers are those that the state names for an incident.
	Callers(incident string) []string
	// Redact takes callers out of the state and its checkpoint, which stays good.
	Redact([]incident.Redaction) error
	// Erasures lists the incidents whose caller was erased by an act after an entry of the
	// journal, and the newest such act.
	Erasures(after uint64) (incidents []string, newest uint64)
	// Redacted notes that the erasures up to an act are finished.
	Redacted(upTo uint64)
}

// Eraser forgets in all that a running gateway has stored: journal, updates, the files of
// a CAD, and the tracker's checkpoint.
type Eraser struct {
	Journal Journal
	Updates interface {
		Updates
		FixUpdates
		// Erased is the act up to which all erasures are finished on this machine.
		Erased(ctx context.Context) (uint64, error)
		SetErased(ctx context.Context, upTo uint64) error
	}
	State State
	// Outbox has the messages that wait to be sent; nil when there is none.
	Outbox interface {
		// Erase ends those of which clean leaves something out.
		Erase(ctx context.Context, clean func(message, text string) string) error
	}
	// Folder is where a CAD leaves its files, empty when there is none.
	Folder string
	// Units is the roster.
	Units func() []incident.Unit
	Log   *slog.Logger

	mu sync.Mutex
}

// Finish takes out the callers of all incidents whose erasure is in the journal and not
// done yet, and remembers that it is done. Cut off at any instant it does what is left when
// it is called again; when nothing is left it reads nothing. See [Finding].
func (e *Eraser) Finish(ctx context.Context) error {
	e.mu.Lock() // one at a time: what is remembered is that all up to an act are done
	defer e.mu.Unlock()
	done, err := e.Updates.Erased(ctx)
	if err != nil {
		return err
	}
	incidents, newest := e.State.Erasures(done)
	if len(incidents) > 0 {
		if err := e.forget(ctx, incidents); err != nil {
			return fmt.Errorf("cannot erase the callers of %d incidents: %w", len(incidents), err)
		}
		if err := e.Updates.SetErased(ctx, newest); err != nil {
			return err
		}
		done = newest
	}
	e.State.Redacted(done)
	return nil
}

func (e *Eraser) forget(ctx context.Context, incidents []string) error {
	began := time.Now()
	subjects := make([]Subject, len(incidents))
	for i, id := range incidents {
		subjects[i] = Subject{Incident: id, Acts: e.State.Acts(id), Callers: e.State.Callers(id)}
	}
	found, err := Find(ctx, e.Journal, subjects)
	if err != nil {
		return err
	}
	// What is made from now on names nobody, and then all that was made before. The journal
	// comes last: only it can still say whom the others must forget.
	if len(found.Redactions) > 0 {
		if err := e.State.Redact(found.Redactions); err != nil {
			return err
		}
	}
	if e.Outbox != nil && len(found.Redactions) > 0 {
		if err := e.Outbox.Erase(ctx, found.message); err != nil {
			return fmt.Errorf("cannot end the messages that name a caller: %w", err)
		}
		// What was written about messages until then is found too, with its updates.
		if found, err = Find(ctx, e.Journal, subjects); err != nil {
			return err
		}
		if err := e.State.Ready(ctx); err != nil {
			return err
		}
	}
	if err := found.FromUpdates(ctx, e.Updates); err != nil {
		return err
	}
	files, err := found.FromFolder(e.Folder)
	if err != nil {
		return err
	}
	if err := found.FromJournal(ctx, e.Journal); err != nil {
		return err
	}
	e.Log.Info("callers forgotten", "incidents", len(incidents), "entries", len(found.naming)+len(found.others), "files", files, "took", time.Since(began).Round(time.Millisecond))
	return nil
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

// FollowJournal keeps this machine's updates to the places that another gateway forgets in
// the journal that they share, at once and then every so often until ctx ends. What fails
// is logged and tried again then.
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

var errFolder = errors.New("cannot erase callers from the CAD's files")
