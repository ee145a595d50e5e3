package updatelog_test

import (
	"context"
	"errors"
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
