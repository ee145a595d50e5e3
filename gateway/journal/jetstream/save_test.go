package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/journal/sqlite"
)

// optionsOf are those of a call that is no gateway's.
func optionsOf(c *natstest.Cluster, area, dir string) jetstream.Options {
	return jetstream.Options{
		Servers: c.Servers(), Area: area, Replicas: len(c.Servers()), File: filepath.Join(dir, "journal.db"), Name: "g", Lease: 3 * time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// sumOf adds up a journal file.
func sumOf(t *testing.T, path string) *journal.Sum {
	t.Helper()
	r, err := sqlite.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	sum, err := journal.SumOf(r.Entries(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// saved: a journal that is written meanwhile is saved with everything that was
// acknowledged before, forgotten bodies replaced, to a plain SQLite journal; that fills an
// empty area, whose journal saved again is the same.
func saved(t *testing.T, c *natstest.Cluster) {
	name := area(t.Name())
	j := join(t, c, name, t.TempDir(), "g")
	lead(t, j)
	for i := range 60 {
		if _, err := j.Append(t.Context(), rec(fmt.Sprintf("RAHASIA%d.", i)), rec(fmt.Sprint("x", i))); err != nil {
			t.Fatal(err)
		}
	}
	e, _, err := j.Find(t.Context(), "RAHASIA7.")
	if err != nil {
		t.Fatal(err)
	}
	e.Body = []byte(`{"caller":""}`)
	if err := j.Rewrite(t.Context(), []journal.Entry{e}); err != nil {
		t.Fatal(err)
	}
	before, err := j.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	wrote := make(chan uint64)
	go func() {
		n := uint64(0)
		for ; ctx.Err() == nil; n++ {
			if _, err := j.Append(context.WithoutCancel(ctx), rec(fmt.Sprint("during", n))); err != nil {
				t.Error(err)
			}
		}
		wrote <- n
	}()
	dir := t.TempDir()
	err = jetstream.Save(t.Context(), optionsOf(c, name, dir))
	stop()
	if n := <-wrote; err != nil || n == 0 {
		t.Fatalf("%d appends meanwhile, %v", n, err)
	}
	sum := sumOf(t, filepath.Join(dir, "journal.db"))
	if sum.Entries() < before {
		t.Errorf("%d entries saved of %d that were acknowledged before", sum.Entries(), before)
	}
	plain, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if e, found, err := plain.Find(t.Context(), "RAHASIA7."); err != nil || !found || string(e.Body) != `{"caller":""}` {
		t.Errorf("%+v, %v", e, err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}

	t.Run("restored", func(t *testing.T) { restored(t, c, filepath.Join(dir, "journal.db"), sum) })
	if err := j.Close(); err != nil { // no gateway runs, and still it is not overwritten
		t.Fatal(err)
	}
	if _, err := jetstream.Restore(t.Context(), optionsOf(c, name, ""), entriesOf(t, filepath.Join(dir, "journal.db"), 0)); !errors.Is(err, jetstream.ErrNotEmpty) {
		t.Errorf("over a journal: %v", err)
	}
	if err := jetstream.Save(t.Context(), optionsOf(c, name, dir)); err == nil || !strings.Contains(err.Error(), "not of this stream") {
		t.Errorf("saved over another journal: %v", err)
	}
}

var errCut = errors.New("cut off")

// entriesOf yields a journal file's entries, and fails after so many when that is not 0.
func entriesOf(t *testing.T, path string, cutAfter int) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		r, err := sqlite.OpenToRead(t.Context(), path)
		if err != nil {
			yield(journal.Entry{}, err)
			return
		}
		defer r.Close()
		n := 0
		for e, err := range r.Entries(t.Context()) {
			if n++; n == cutAfter {
				yield(e, errCut)
				return
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func restored(t *testing.T, c *natstest.Cluster, file string, want *journal.Sum) {
	name := area(t.Name())
	if _, err := jetstream.Restore(t.Context(), optionsOf(c, name, ""), entriesOf(t, file, 100)); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	if _, err := jetstream.Open(t.Context(), optionsOf(c, name, t.TempDir())); err == nil || !strings.Contains(err.Error(), "not whole") {
		t.Fatalf("a half-restored journal opens: %v", err)
	}
	if err := jetstream.Save(t.Context(), optionsOf(c, name, t.TempDir())); err == nil || !strings.Contains(err.Error(), "not whole") {
		t.Fatalf("a half-restored journal is saved: %v", err)
	}
	got, err := jetstream.Restore(t.Context(), optionsOf(c, name, ""), entriesOf(t, file, 0))
	if err != nil || got.String() != want.String() || got.Entries() != want.Entries() {
		t.Fatalf("%v, %v", got, err)
	}
	again := t.TempDir()
	if err := jetstream.Save(t.Context(), optionsOf(c, name, again)); err != nil {
		t.Fatal(err)
	}
	if sum := sumOf(t, filepath.Join(again, "journal.db")); sum.String() != want.String() {
		t.Error("what was restored and saved again is another journal")
	}
	// A gateway goes on from it, and knows what it had.
	j := join(t, c, name, t.TempDir(), "h")
	lead(t, j)
	if results, err := j.Append(t.Context(), rec("x3"), rec("new")); err != nil || !results[0].Duplicate || results[1].Seq != want.Entries()+1 {
		t.Errorf("%+v %v", results, err)
	}
	if _, err := jetstream.Restore(t.Context(), optionsOf(c, name, ""), entriesOf(t, file, 0)); err == nil || !strings.Contains(err.Error(), "h runs") {
		t.Errorf("under a running gateway: %v", err)
	}
	nowhere := area(t.Name() + " nowhere")
	if err := jetstream.Save(t.Context(), optionsOf(c, nowhere, t.TempDir())); err == nil {
		t.Error("a journal that is not there is saved")
	}
}
