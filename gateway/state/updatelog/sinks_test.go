package updatelog_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

// journaled makes updates of which each stands for a journal entry ten times its
// number.
func journaled(from, to uint64) []incident.Update {
	us := updates(from, to)
	for i := range us {
		us[i].JournalSeq = us[i].Seq * 10
	}
	return us
}

var errEnough = errors.New("enough")

// followAsSink reads until it has seen the update with this number.
func followAsSink(ctx context.Context, t *testing.T, l *updatelog.Log, until uint64) []uint64 {
	t.Helper()
	var seen []uint64
	err := l.FollowAsSink(ctx, "hook", func(us []incident.Update) error {
		for _, u := range us {
			seen = append(seen, u.Seq)
			if err := l.SetPublished(ctx, "hook", u); err != nil {
				return err
			}
			if u.Seq == until {
				return errEnough
			}
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return seen
}

func TestSinkGetsNothingTwice(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	l := open(t, t.TempDir())
	add := func(from, to uint64) {
		t.Helper()
		if err := l.Append(ctx, journaled(from, to)); err != nil {
			t.Fatal(err)
		}
	}
	add(1, 3)
	begun, stop := context.WithCancel(ctx)
	stop()
	if err := l.FollowAsSink(begun, "hook", nil); err == nil { // begins now, or fails for want of a context
		t.Fatal("ended without a reason")
	}
	if err := l.SetPublished(ctx, "hook", journaled(3, 3)[0]); err != nil {
		t.Fatal(err)
	}
	add(4, 5)
	if got := followAsSink(ctx, t, l, 5); len(got) != 2 || got[0] != 4 {
		t.Fatalf("a new sink gets %v", got)
	}
	if err := l.Reset(ctx, "other settings"); err != nil {
		t.Fatal(err)
	}
	add(1, 7)
	if got := followAsSink(ctx, t, l, 7); len(got) != 2 || got[0] != 6 {
		t.Fatalf("after a reset it gets %v", got)
	}
	add(8, 8)
	if got := followAsSink(ctx, t, l, 8); len(got) != 1 {
		t.Fatalf("then %v", got)
	}
}

func TestSinkOfAnEmptyLogBeginsAtItsFirstUpdate(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	ended := make(chan []uint64, 1)
	ctx := t.Context()
	begun, stop := context.WithCancel(ctx)
	go func() {
		_ = l.FollowAsSink(begun, "hook", func([]incident.Update) error { return nil })
		ended <- nil
	}()
	stop()
	<-ended
	if err := l.SetPublished(ctx, "hook", incident.Update{}); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, journaled(1, 2)); err != nil {
		t.Fatal(err)
	}
	if got := followAsSink(ctx, t, l, 2); len(got) != 2 {
		t.Fatalf("it got %v", got)
	}
}

// inEntries makes updates, so many of each journal entry.
func inEntries(counts ...int) []incident.Update {
	var us []incident.Update
	for i, n := range counts {
		for range n {
			u := updates(uint64(len(us)+1), uint64(len(us)+1))[0]
			u.JournalSeq = uint64(i + 1)
			us = append(us, u)
		}
	}
	return us
}

// TestHalfAnEntryIsNotPublished: a sink that ended in the middle of an entry gets all of
// that entry when the log is made anew under other settings, and nothing before it.
func TestHalfAnEntryIsNotPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		until uint64
		want  uint64 // the first update that it gets then
	}{
		{"after the first of three", 3, 3}, {"after the second of three", 4, 3}, {"after the last of three", 5, 6}, {"at the end", 6, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			dir := t.TempDir()
			l := open(t, dir)
			if err := errors.Join(l.SetPublished(ctx, "hook", incident.Update{}), l.Append(ctx, inEntries(2, 3, 1))); err != nil {
				t.Fatal(err)
			}
			followAsSink(ctx, t, l, c.until)
			if err := errors.Join(l.Reset(ctx, "other settings"), l.Append(ctx, inEntries(2, 3, 1, 1))); err != nil {
				t.Fatal(err)
			}
			if got := followAsSink(ctx, t, l, 7); got[0] != c.want {
				t.Errorf("it gets %v, not from %d on", got, c.want)
			}
		})
	}
}

// TestTheFileHasWholeEntries: however large an entry is, a process that is killed leaves
// all of it or nothing.
func TestTheFileHasWholeEntries(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := open(t, dir)
	all := inEntries(700, 5000, 3, 999, 1)
	if err := errors.Join(l.Append(t.Context(), all), l.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	got := updatelog.SavedTogether(all)
	if want := []int{5700, 1002, 1}; !slices.Equal(got, want) {
		t.Errorf("saved together %v, want %v", got, want)
	}
	saved, err := l.Read(t.Context(), 0, len(all)+1)
	if err != nil || len(saved) != len(all) {
		t.Errorf("%d updates in the file, %v", len(saved), err)
	}
}
