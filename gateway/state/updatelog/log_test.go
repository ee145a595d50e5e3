package updatelog_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

func open(t *testing.T, place string) *updatelog.Log {
	t.Helper()
	l, err := updatelog.Open(t.Context(), filepath.Join(place, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func updates(from, to uint64) []incident.Update {
	var out []incident.Update
	for seq := from; seq <= to; seq++ {
		out = append(out, incident.Update{Seq: seq, ID: "u", Kind: incident.UpdateNote, Incident: "i1", At: time.Unix(int64(seq), 0).UTC()})
	}
	return out
}

func TestFoldingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	for _, batch := range [][]incident.Update{updates(1, 3), updates(1, 5)} {
		if err := l.Append(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Read(t.Context(), 0, 100)
	if err != nil || len(got) != 5 || got[4].Seq != 5 || l.Last() != 5 {
		t.Fatalf("%d updates, last %d, %v", len(got), l.Last(), err)
	}
}

func TestFollowSeesWhatComes(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	enough := errors.New("enough")
	first := make(chan struct{})
	ended := make(chan error, 1)
	var seen uint64
	go func() {
		ended <- l.Follow(ctx, 0, func(us []incident.Update) error {
			if seen == 0 {
				close(first)
			}
			seen = us[len(us)-1].Seq
			if seen == 6 {
				return enough
			}
			return nil
		})
	}()
	if err := l.Append(ctx, updates(1, 3)); err != nil {
		t.Fatal(err)
	}
	<-first
	if err := l.Append(ctx, updates(4, 6)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, enough) {
		t.Fatal(err)
	}
}

func TestResetStartsAGeneration(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	l := open(t, place)
	if err := errors.Join(l.Append(t.Context(), updates(1, 3)), l.SetCursor(t.Context(), "series", 3), l.Reset(t.Context(), "g2")); err != nil {
		t.Fatal(err)
	}
	g := l.SettingsHash()
	cursor, err := l.Cursor(t.Context(), "series")
	if err != nil || g != "g2" || cursor != 0 || l.Last() != 0 {
		t.Fatalf("settings hash %q cursor %d last %d, %v", g, cursor, l.Last(), err)
	}
}

func TestDeadLettersAreKeptOnce(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	d := updatelog.DeadLetter{Sink: "influx", Seq: 7, At: time.Unix(1, 0).UTC(), Reason: "field type conflict", Body: "point"}
	if err := errors.Join(l.SetAside(t.Context(), d), l.SetAside(t.Context(), d)); err != nil {
		t.Fatal(err)
	}
	got, err := l.DeadLetters(t.Context(), 10)
	if err != nil || len(got) != 1 || got[0] != d {
		t.Fatalf("%+v, %v", got, err)
	}
}

// TestRestForgetsNothing: what is not in the file yet stays at hand, the rest is read
// from the file.
func TestRestForgetsNothing(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	for _, batch := range [][]incident.Update{updates(1, 3), updates(4, 5)} {
		if err := l.Append(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if err := l.Rest(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Rest(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := l.Read(t.Context(), 0, 100)
	if err != nil || len(got) != 5 || got[0].Seq != 1 || got[4].Seq != 5 {
		t.Fatalf("%d updates, %v", len(got), err)
	}
}
