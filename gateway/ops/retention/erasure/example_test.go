package erasure_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/updatelog"
)

// A caller who asks to be forgotten is taken out of the journal, also where a note says
// the name; that there was a call, and when, stays.
func ExampleCaller() {
	dir, err := os.MkdirTemp("", "erasure")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	updates, err2 := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err := errors.Join(err, err2); err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	defer updates.Close()
	for _, a := range []incident.Act{
		{ID: "a1", Kind: incident.ActOpen, Incident: "i1", At: at, Opening: &incident.Opening{Category: "fire", ReceivedAt: at, Caller: "Bu Aminah"}},
		{ID: "a2", Kind: incident.ActNote, Incident: "i1", At: at, Text: "Bu Aminah waits at the bridge"},
	} {
		r, _ := journal.NewRecord(journal.KindAct, a.ID, a.At, a)
		if _, err := j.Append(ctx, r); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(erasure.Caller(ctx, j, updates, "i1", []string{"a1", "a2"}))
	entries, err := j.Read(ctx, 0, 10)
	for _, e := range entries {
		a, _ := journal.Decode[incident.Act](e)
		fmt.Printf("%d %s %s %q\n", e.Seq, a.At.Format("15:04"), a.Kind, a.Text)
		if a.Opening != nil {
			fmt.Printf("  %s %q\n", a.Opening.Category, a.Opening.Caller)
		}
	}
	fmt.Println(err)
	// Output:
	// <nil>
	// 1 09:00 open ""
	//   fire ""
	// 2 09:00 note "[dihapus / erased] waits at the bridge"
	// <nil>
}
