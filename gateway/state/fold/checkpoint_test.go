package fold

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// TestCheckpointThatDoesNotMatchIsRefused: a checkpoint of another program, of another
// shape of the tracker's state or of other settings is ignored, and the journal is folded
// from its beginning to the same state.
func TestCheckpointThatDoesNotMatchIsRefused(t *testing.T) {
	t.Parallel()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	path := filepath.Join(dir, "tracker.state")
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	updates, err := updatelog.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { updates.Close() })
	settings := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule()}
	if err := Prepare(t.Context(), updates, settings); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const calls = 20
	for n := range calls {
		a := incident.Act{ID: fmt.Sprint("a", n), Kind: incident.ActOpen, Incident: fmt.Sprint("i", n), At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at}}
		r, err := journal.NewRecord(journal.KindAct, a.ID, at, a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	// run folds the journal, and returns after how many entries it began.
	run := func() (*Fold, uint64) {
		f := New(j, updates, settings, quiet)
		f.CheckpointIn(path)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- f.Run(ctx) }()
		if err := f.Ready(ctx); err != nil {
			t.Fatal(err)
		}
		end()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if got := len(f.Find(func(incident.Call) bool { return true }, 0)); got != calls {
			t.Fatalf("%d incidents, not %d", got, calls)
		}
		if all, one, none := f.NewestAct("", ""), f.NewestAct("i3", ""), f.NewestAct("i99", ""); !all.Equal(at) || !one.Equal(at) || !none.IsZero() {
			t.Fatalf("the newest act was at %v, of an incident at %v, of none at %v", all, one, none)
		}
		return f, f.checkpoint.resumedFrom
	}
	f, from := run()
	if from != 0 {
		t.Fatalf("without a checkpoint it began after entry %d", from)
	}
	f.checkpointNow(1)
	if _, from = run(); from != calls {
		t.Fatalf("with a checkpoint it began after entry %d, not %d", from, calls)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	shape, err := tracker.Shape()
	if err != nil {
		t.Fatal(err)
	}
	program, err := thisProgram()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := SettingsHash(settings)
	if err != nil {
		t.Fatal(err)
	}
	for what, is := range map[string]string{"shape": shape, "program": program, "generation": hash} {
		was := []byte(`"` + is + `"`)
		if bytes.Count(whole, was) != 1 {
			t.Fatalf("the checkpoint does not name its %s once", what)
		}
		other := bytes.Replace(whole, was, []byte(`"`+strings.Repeat("0", len(is))+`"`), 1)
		if err := os.WriteFile(path, other, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, from = run(); from != 0 {
			t.Errorf("a checkpoint of another %s was used: it began after entry %d", what, from)
		}
	}
}
