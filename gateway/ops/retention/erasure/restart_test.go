package erasure_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/fold"
)

// readJournal counts the entries that a fold reads.
type readJournal struct {
	fold.Journal
	read atomic.Uint64
}

func (j *readJournal) Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error {
	return j.Journal.Follow(ctx, after, func(entries []journal.Entry) error {
		j.read.Add(uint64(len(entries)))
		return take(entries)
	})
}

// cutOff is the journal of a machine whose power fails when it is to be
// rewritten.
type cutOff struct {
	erasure.Journal
	left int // rewritings until then
}

func (c *cutOff) Rewrite(ctx context.Context, entries []journal.Entry) error {
	if c.left--; c.left < 0 {
		return context.DeadlineExceeded
	}
	return c.Journal.Rewrite(ctx, entries)
}

// TestErasureCostsNoStart: after an erasure, and after one that was cut off between any two
// of its steps, the state that was kept is taken up still, and no start folds the journal,
// looks for what was erased, or names the caller.
func TestErasureCostsNoStart(t *testing.T) {
	t.Parallel()
	for cut := range 4 {
		t.Run(fmt.Sprint("cut off after ", cut), func(t *testing.T) {
			t.Parallel()
			const caller, calls = "Bu Aminah 081234567890", 6000
			records := []journal.Record{aCall("i1", caller, 0), act(incident.Act{Kind: incident.ActNote, Incident: "i1", Text: "Aminah waits"}, 1)}
			for n := range calls {
				records = append(records, report(fix("fleetsync:102-1001", 2+float64(n), 0, 3000)))
			}
			p := newPlace(t, t, records)
			if err := fold.Prepare(t.Context(), p.updates, settings()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(p.dir, "tracker.state")
			var said bytes.Buffer
			log := slog.New(slog.NewTextHandler(&said, nil))
			// run is one life of a gateway; it returns how many entries it folded until it was ready.
			run := func(during func(f *fold.Fold) error) (folded uint64) {
				j := &readJournal{Journal: p.journal}
				f := fold.New(j, p.updates, settings(), log)
				f.CheckpointIn(path)
				ctx, end := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- f.Run(ctx) }()
				if err := f.Ready(ctx); err != nil {
					t.Fatal(err)
				}
				folded = j.read.Load()
				if during != nil {
					if err := during(f); err != nil {
						t.Error(err)
					}
				}
				end()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				return folded
			}
			if n := run(nil); n != calls+2 {
				t.Fatalf("the first start folds %d entries", n)
			}
			eraser := func(f *fold.Fold, j erasure.Journal) *erasure.Eraser {
				return &erasure.Eraser{Journal: j, Updates: p.updates, State: f, Log: log}
			}
			run(func(f *fold.Fold) error {
				results, err := p.journal.Append(t.Context(), act(incident.Act{Kind: incident.ActErase, Incident: "i1", Reason: "asked"}, 9000))
				if err != nil {
					return err
				}
				if err := f.Wait(t.Context(), results[0].Seq); err != nil {
					return err
				}
				if err := eraser(f, &cutOff{Journal: p.journal, left: cut}).Finish(t.Context()); (err == nil) != (cut >= 2) {
					t.Errorf("cut off: %v", err)
				}
				return nil
			})
			for n := range 3 {
				folded := run(func(f *fold.Fold) error { return eraser(f, p.journal).Finish(t.Context()) })
				if folded > 1000 {
					t.Errorf("start %d after it folds %d entries: %s", n+1, folded, said.String())
				}
			}
			if looked := strings.Count(said.String(), "callers forgotten"); looked != 1 {
				t.Errorf("it was finished %d times: %s", looked, said.String())
			}
			if b, err := os.ReadFile(path); err != nil || bytes.Contains(b, []byte("Aminah")) {
				t.Errorf("the kept state names her, or %v", err)
			}
			p.close(t)
			holds(t, p.dir, []string{"Aminah", "081234567890"}, "waits")
		})
	}
}
