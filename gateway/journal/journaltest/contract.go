package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/journal"
)

// Test runs the contract against journals that open makes; each call must give
// an empty one, and reopen the same one again after it was closed.
func Test(t *testing.T, open func(t *testing.T, place string) journal.Journal) {
	t.Run("numbers entries from one without gaps", func(t *testing.T) {
		ctx, j := t.Context(), open(t, t.TempDir())
		results, err := j.Append(ctx, record("a"), record("b"))
		if err != nil || results[0].Seq != 1 || results[1].Seq != 2 {
			t.Fatalf("%+v, %v", results, err)
		}
		if got := ids(read(t, j, 0)); got != "a b" {
			t.Fatalf("read %q", got)
		}
	})
	t.Run("takes each id once", func(t *testing.T) {
		ctx, j := t.Context(), open(t, t.TempDir())
		mustAppend(t, j, record("a"), record("a"), record("b"))
		results, err := j.Append(ctx, record("b"), record("c"))
		if err != nil || !results[0].Duplicate || results[0].Seq != 2 || results[1].Duplicate || results[1].Seq != 3 {
			t.Fatalf("%+v, %v", results, err)
		}
	})
	t.Run("keeps times and bodies", func(t *testing.T) {
		j := open(t, t.TempDir())
		want := record("a")
		mustAppend(t, j, want)
		got := read(t, j, 0)[0]
		if !got.At.Equal(want.At) || string(got.Body) != string(want.Body) || got.Kind != want.Kind || got.JournaledAt.IsZero() {
			t.Fatalf("%+v", got)
		}
	})
	t.Run("follows while many append", func(t *testing.T) { followed(t, open(t, t.TempDir())) })
	t.Run("keeps entries, cursors and snapshots when reopened", func(t *testing.T) { reopened(t, open) })
	t.Run("refuses after close", func(t *testing.T) {
		j := open(t, t.TempDir())
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Append(t.Context(), record("a")); !errors.Is(err, journal.ErrClosed) {
			t.Fatalf("append after close: %v", err)
		}
	})
}

func followed(t *testing.T, j journal.Journal) {
	const writers, each = 16, 100
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := j.Append(ctx, record(fmt.Sprintf("%d-%d", w, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var next uint64 = 1
	done := errors.New("all seen")
	err := j.Follow(ctx, 0, func(entries []journal.Entry) error {
		for _, e := range entries {
			if e.Seq != next {
				return fmt.Errorf("entry %d where %d was due", e.Seq, next)
			}
			next++
		}
		if next > writers*each {
			return done
		}
		return nil
	})
	if !errors.Is(err, done) {
		t.Fatal(err)
	}
	wg.Wait()
}

func reopened(t *testing.T, open func(t *testing.T, place string) journal.Journal) {
	ctx, place := t.Context(), t.TempDir()
	j := open(t, place)
	mustAppend(t, j, record("a"), record("b"))
	for _, err := range []error{
		j.SetCursor(ctx, "series", 1), j.SetCursor(ctx, "series", 2),
		j.SaveSnapshot(ctx, "tracker", 1, []byte("old")), j.SaveSnapshot(ctx, "tracker", 2, []byte("new")), j.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	j = open(t, place)
	last, err := j.Last(ctx)
	if err != nil || last != 2 {
		t.Fatalf("last %d, %v", last, err)
	}
	cursor, err := j.Cursor(ctx, "series")
	if err != nil || cursor != 2 {
		t.Fatalf("cursor %d, %v", cursor, err)
	}
	seq, state, err := j.Snapshot(ctx, "tracker")
	if err != nil || seq != 2 || string(state) != "new" {
		t.Fatalf("snapshot %d %q, %v", seq, state, err)
	}
	if results := mustAppend(t, j, record("a"), record("c")); !results[0].Duplicate || results[1].Seq != 3 {
		t.Fatalf("%+v", results)
	}
}

func record(id string) journal.Record {
	return journal.Record{ID: id, Kind: journal.KindReport, At: time.Unix(1_795_000_000, 123).UTC(), Body: []byte(`{"id":"` + id + `"}`)}
}

func mustAppend(t *testing.T, j journal.Journal, records ...journal.Record) []journal.Result {
	t.Helper()
	results, err := j.Append(t.Context(), records...)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func read(t *testing.T, j journal.Journal, after uint64) []journal.Entry {
	t.Helper()
	entries, err := j.Read(t.Context(), after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func ids(entries []journal.Entry) string {
	out := ""
	for i, e := range entries {
		if i > 0 {
			out += " "
		}
		out += e.ID
	}
	return out
}
