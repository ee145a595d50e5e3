package updatelog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

// A sink that was away goes on after the last update that it has published, so that
// another system misses no milestone and gets none twice.
func ExampleLog_Follow() {
	dir, err := os.MkdirTemp("", "updatelog")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	log, err := updatelog.Open(ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	err = log.Append(ctx, []incident.Update{
		{Seq: 1, ID: "u1", Kind: incident.UpdateOpened, Incident: "i1", At: at},
		{Seq: 2, ID: "u2", Kind: incident.UpdateAssigned, Incident: "i1", Unit: "damkar-1", At: at},
		{Seq: 3, ID: "u3", Kind: incident.UpdateStatus, Incident: "i1", Unit: "damkar-1", At: at.Add(14 * time.Minute)},
	})
	err = errors.Join(err, log.SetCursor(ctx, "webhook", 1)) // the other system has the first
	had, _ := log.Cursor(ctx, "webhook")
	fmt.Println("had", had, err)

	enough := errors.New("enough")
	err = log.Follow(ctx, had, func(updates []incident.Update) error {
		for _, u := range updates {
			fmt.Println(u.Seq, u.Kind, u.Unit)
		}
		return enough
	})
	fmt.Println(errors.Is(err, enough))
	// Output:
	// had 1 <nil>
	// 2 assigned damkar-1
	// 3 status damkar-1
	// true
}
