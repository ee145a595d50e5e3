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

// follow returns the numbers of the updates after one, up to another.
func follow(t *testing.T, l interface {
	Follow(context.Context, uint64, func([]incident.Update) error) error
}, after, upTo uint64) (seqs []uint64, batches int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := l.Follow(ctx, after, func(us []incident.Update) error {
		batches++
		for _, u := range us {
			seqs = append(seqs, u.Seq)
		}
		if seqs[len(seqs)-1] >= upTo {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	return seqs, batches
}

// TestFollowersSeeNoSeam reads a log of which the beginning is only in the file and the
// end only in memory.
func TestFollowersSeeNoSeam(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	const many = 20_000
	for from := 1; from < many; from += 500 {
		if err := l.Append(t.Context(), updates(uint64(from), uint64(from)+499)); err != nil {
			t.Fatal(err)
		}
	}
	seqs, _ := follow(t, l, 3, many)
	if len(seqs) != many-3 {
		t.Fatalf("%d updates", len(seqs))
	}
	for i, seq := range seqs {
		if seq != uint64(i)+4 {
			t.Fatalf("update %d where %d was due", seq, i+4)
		}
	}
}

// TestUpdateInMemoryIsTheOneInTheFile compares what a follower gets before and after a
// restart.
func TestUpdateInMemoryIsTheOneInTheFile(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	l := open(t, place)
	milestone := incident.Milestone{Name: incident.OnScene, At: time.Now(), Evidence: incident.ByKey, Report: "r"}
	given := []incident.Update{{Seq: 1, Kind: incident.UpdateMilestone, Incident: "i", Milestone: &milestone}}
	if err := l.Append(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	milestone.Report = "another" // the tracker goes on
	before, err := l.Read(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := open(t, place).Read(t.Context(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if before[0].Milestone.Report != "r" || after[0].Milestone.Report != "r" || !before[0].Milestone.At.Equal(after[0].Milestone.At) {
		t.Fatalf("%+v then %+v", before[0].Milestone, after[0].Milestone)
	}
}

// TestOneIncidentIsReadWhole reads what was appended a moment ago, too.
func TestOneIncidentIsReadWhole(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	if err := l.Append(t.Context(), []incident.Update{{Seq: 1, Kind: incident.UpdateNote, Incident: "i"}}); err != nil {
		t.Fatal(err)
	}
	if us, err := l.ReadIncident(t.Context(), "i"); err != nil || len(us) != 1 {
		t.Fatalf("%v, %v", us, err)
	}
}

// TestPacedGetsFewBatches: what comes during a pause comes together.
func TestPacedGetsFewBatches(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	appended := make(chan error, 1)
	if err := l.Append(t.Context(), updates(1, 1)); err != nil {
		t.Fatal(err)
	}
	go func() {
		var err error
		for seq := uint64(2); seq <= 200 && err == nil; seq++ {
			err = l.Append(t.Context(), updates(seq, seq))
		}
		appended <- err
	}()
	seqs, batches := follow(t, l.Paced(time.Second), 0, 200)
	if err := <-appended; err != nil || len(seqs) != 200 {
		t.Fatalf("%d updates, %v", len(seqs), err)
	}
	if batches > 20 {
		t.Errorf("200 updates came in %d batches", batches)
	}
}

// TestWhatTheFileWillNotTakeIsTold: an append fails while the file cannot be written,
// and followers get it all the same.
func TestWhatTheFileWillNotTakeIsTold(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	l, err := updatelog.Open(t.Context(), filepath.Join(place, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), updates(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), updates(2, 2)); err == nil {
		if err = l.Flush(t.Context()); err == nil {
			t.Fatal("a closed file took an update")
		}
	}
	if err := l.Append(t.Context(), updates(2, 2)); err == nil {
		t.Fatal("the trouble is not reported")
	}
	if seqs, _ := follow(t, l, 1, 2); len(seqs) != 1 {
		t.Fatalf("followers got %v", seqs)
	}
}
