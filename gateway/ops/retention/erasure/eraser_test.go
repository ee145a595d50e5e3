package erasure_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/retention/erasure"
)

// known is what a tracker knows, whose checkpoint counts how often it was removed and
// redacted.
type known struct {
	*tracker.Tracker
	removed, redacted atomic.Int32
	finished          uint64
}

func (k *known) Ready(context.Context) error { return nil }
func (k *known) Forget()                     { k.removed.Add(1) }
func (k *known) Redacted(upTo uint64)        { k.finished = upTo }
func (k *known) Redact(all []incident.Redaction) error {
	k.redacted.Add(1)
	for _, r := range all {
		k.Tracker.Redact(r)
	}
	return nil
}

// TestCheckpointGoesToo: what is forgotten in the files may be in the checkpoint. It is
// removed with places, redacted with a caller, and left alone when nothing was forgotten.
func TestCheckpointGoesToo(t *testing.T) {
	t.Parallel()
	opened := incident.Act{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at(0), Opening: &incident.Opening{Category: "fire", ReceivedAt: at(0), Caller: "Bu Aminah"}}
	p := newPlace(t, t, []journal.Record{
		record(journal.KindAct, "a1", at(0), opened), report(fix("fleetsync:102-1001", 300, 0, 5000)), report(fix("fleetsync:102-1001", 20_000, 0, 0)),
		act(incident.Act{Kind: incident.ActErase, Incident: "i1", Reason: "asked"}, 20_001),
	})
	defer p.close(t)
	tr, updates := p.fold(t, t)
	if err := p.updates.Append(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
	state := &known{Tracker: tr}
	e := &erasure.Eraser{Journal: p.journal, Updates: p.updates, State: state, Units: func() []incident.Unit { return settings().Roster }, Log: slog.New(slog.DiscardHandler)}
	if n, err := e.ForgetPlaces(t.Context(), at(0)); err != nil || n != 0 || state.removed.Load() != 0 {
		t.Errorf("nothing is past its time: %d, %v, the checkpoint was removed %d times", n, err, state.removed.Load())
	}
	if n, err := e.ForgetPlaces(t.Context(), at(10_000)); err != nil || n != 1 || state.removed.Load() != 1 {
		t.Errorf("one is: %d, %v, the checkpoint was removed %d times", n, err, state.removed.Load())
	}
	for range 3 { // finished once, nothing is looked for again
		if err := e.Finish(t.Context()); err != nil || state.removed.Load() != 1 || state.redacted.Load() != 1 || state.finished != 4 {
			t.Errorf("a caller: %v, the checkpoint was removed %d times and redacted %d times, finished up to %d", err, state.removed.Load(), state.redacted.Load(), state.finished)
		}
	}
	entries, err := p.journal.Read(t.Context(), 0, 10)
	if err != nil || len(entries) != 4 || bytes.Contains(entries[0].Body, []byte("Aminah")) || bytes.Contains(entries[1].Body, []byte("RAHASIA")) {
		t.Errorf("%v, %v", err, entries)
	}
}

// TestFollowJournal: where another gateway forgot a place in the journal that is shared,
// this machine's updates forget it too.
func TestFollowJournal(t *testing.T) {
	t.Parallel()
	p := newPlace(t, t, []journal.Record{report(fix("fleetsync:102-1001", 300, 0, 5000)), report(fix("fleetsync:102-1001", 20_000, 0, 0))})
	defer p.close(t)
	if err := p.updates.Append(t.Context(), []incident.Update{{Seq: 1, JournalSeq: 1, Kind: incident.UpdateFix, Fix: fix("fleetsync:102-1001", 300, 0, 5000).Fix}}); err != nil {
		t.Fatal(err)
	}
	elsewhere := newPlace(t, t, nil) // the other machine's updates
	defer elsewhere.close(t)
	if n, err := erasure.Fixes(t.Context(), p.journal, elsewhere.updates, settings().Roster, at(10_000)); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var state known
	e := &erasure.Eraser{Journal: p.journal, Updates: p.updates, State: &state, Log: slog.New(slog.DiscardHandler)}
	ended := make(chan error, 1)
	go func() { ended <- e.FollowJournal(ctx, time.Hour) }()
	for deadline := time.Now().Add(10 * time.Second); state.removed.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was forgotten")
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	updates, err := p.updates.Read(t.Context(), 0, 10)
	if err != nil || len(updates) != 1 || updates[0].Fix != nil && updates[0].Fix.Point == fix("fleetsync:102-1001", 300, 0, 5000).Fix.Point {
		t.Errorf("%+v, %v", updates, err)
	}
}
