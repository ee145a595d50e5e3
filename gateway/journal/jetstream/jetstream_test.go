package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/journal/journaltest"
)

// area is a name that a place on disk stands for.
func area(place string) string { return "a" + journal.Digest(place)[:10] }

// join opens a journal that does not write yet, with its copy in a folder.
func join(t *testing.T, c *natstest.Cluster, area, dir, name string) *jetstream.Journal {
	t.Helper()
	j, err := jetstream.Open(t.Context(), jetstream.Options{
		Servers: c.Servers(), Area: area, Replicas: len(c.Servers()), File: filepath.Join(dir, "journal.db"), Name: name, Lease: 3 * time.Second,
		Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// lead has a journal write.
func lead(t *testing.T, j *jetstream.Journal) <-chan struct{} {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lost, err := j.Lead(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return lost
}

func rec(id string) journal.Record {
	return journal.Record{ID: id, Kind: journal.KindAct, At: time.Unix(1_795_000_000, 5).UTC(), Body: []byte(`{"caller":"` + id + `"}`)}
}

// TestCluster shares one cluster of three among the tests of the journal on it.
func TestCluster(t *testing.T) {
	c := natstest.Start(t, 3)
	t.Run("contract", func(t *testing.T) {
		journaltest.Test(t, func(t *testing.T, place string) journal.Journal {
			j := join(t, c, area(place), place, "g")
			lead(t, j)
			return j
		})
	})
	t.Run("a copy is made again", func(t *testing.T) { copied(t, c) })
	t.Run("forgets", func(t *testing.T) { forgotten(t, c) })
	t.Run("is saved and restored", func(t *testing.T) { saved(t, c) })
	t.Run("takes over", func(t *testing.T) { takenOver(t, c) })
}

// dump is all that a journal tells.
func dump(t *testing.T, j *jetstream.Journal) string {
	t.Helper()
	entries, err := j.Read(t.Context(), 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, e := range entries {
		fmt.Fprintln(&out, e.Seq, e.ID, e.Kind, e.At, e.JournaledAt, string(e.Body))
	}
	return out.String()
}

// await asks until a journal tells something.
func await(t *testing.T, j *jetstream.Journal, want string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for dump(t, j) != want {
		if time.Now().After(deadline) {
			t.Fatalf("the other has\n%s\nnot\n%s", dump(t, j), want)
		}
	}
}

// copied: a gateway whose disk was lost has everything again, and a copy of another
// area is refused.
func copied(t *testing.T, c *natstest.Cluster) {
	name, dir := area(t.Name()), t.TempDir()
	j := join(t, c, name, dir, "g")
	lead(t, j)
	for i := range 100 {
		if _, err := j.Append(t.Context(), rec(fmt.Sprint(i)), rec(fmt.Sprint("x", i))); err != nil {
			t.Fatal(err)
		}
	}
	want := dump(t, j)
	other := join(t, c, name, t.TempDir(), "h")
	await(t, other, want)
	if _, err := other.Append(t.Context(), rec("y")); !errors.Is(err, jetstream.ErrStandby) {
		t.Fatalf("a standby appends: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := jetstream.Open(t.Context(), jetstream.Options{
		Servers: c.Servers(), Area: name + "x", Replicas: 3, File: filepath.Join(dir, "journal.db"), Name: "g", Lease: 3 * time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err == nil || !strings.Contains(err.Error(), "not of this stream") {
		t.Fatalf("the copy of another area: %v", err)
	}
}

// forgotten: what is rewritten is nowhere any more, in no copy and in no server's
// stream, and a copy made anew agrees.
func forgotten(t *testing.T, c *natstest.Cluster) {
	name := area(t.Name())
	j, standby := join(t, c, name, t.TempDir(), "g"), join(t, c, name, t.TempDir(), "h")
	lead(t, j)
	var batch []journal.Record
	for i := range 300 {
		batch = append(batch, rec(fmt.Sprintf("RAHASIA%d.", i)))
	}
	for len(batch) > 0 {
		if _, err := j.Append(t.Context(), batch[:10]...); err != nil {
			t.Fatal(err)
		}
		batch = batch[10:]
	}
	for _, id := range []string{"RAHASIA17.", "RAHASIA18.", "RAHASIA170."} { // the first two stand in one message
		e, found, err := j.Find(t.Context(), id)
		if err != nil || !found {
			t.Fatal(err)
		}
		e.Body = []byte(`{"caller":""}`)
		if err := j.Rewrite(t.Context(), []journal.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	if results, err := j.Append(t.Context(), rec("RAHASIA17."), rec("more")); err != nil || !results[0].Duplicate || results[0].Seq != 18 {
		t.Fatalf("what was forgotten comes again: %+v %v", results, err)
	}
	want := dump(t, j)
	if strings.Contains(want, `{"caller":"RAHASIA17."}`) || strings.Contains(want, `{"caller":"RAHASIA170."}`) || !strings.Contains(want, `{"caller":"RAHASIA19."}`) {
		t.Fatal("the wrong bodies are gone")
	}
	await(t, standby, want)
	await(t, join(t, c, name, t.TempDir(), "i"), want)
}

// takenOver: a standby takes over from one that ended and from one that is silent;
// who was deposed stores nothing more.
func takenOver(t *testing.T, c *natstest.Cluster) {
	name := area(t.Name())
	first, second := join(t, c, name, t.TempDir(), "g"), join(t, c, name, t.TempDir(), "h")
	lead(t, first)
	if _, err := first.Append(t.Context(), rec("a")); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	lead(t, second)
	t.Logf("after an orderly end it took %v", time.Since(began))
	if results, err := second.Append(t.Context(), rec("a"), rec("b")); err != nil || !results[0].Duplicate || results[1].Seq != 2 {
		t.Fatalf("%+v %v", results, err)
	}
}
