package backup_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/backup"
)

// A backup is made while the gateway writes its journal, and is put back only when it is
// still what its manifest says.
func ExampleMake() {
	dir, err := os.MkdirTemp("", "backup")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, at := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	data, copied, other := filepath.Join(dir, "data"), filepath.Join(dir, "backup"), filepath.Join(dir, "other")
	err = os.Mkdir(data, 0o750)
	j, opening := sqlite.Open(ctx, filepath.Join(data, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if opening != nil {
		fmt.Println(err, opening)
		return
	}
	defer j.Close()
	note, _ := journal.NewRecord(journal.KindAct, "a1", at, incident.Act{ID: "a1", Kind: incident.ActNote, Incident: "i1", At: at, Text: "road closed"})
	_, err = j.Append(ctx, note)
	fmt.Println("journaled", err)

	m, err := backup.Make(ctx, backup.Set{DataDir: data, Databases: []string{"journal.db"}, Journal: "journal.db"}, copied, at, func(string) {})
	fmt.Println(m.Databases[0].Name, m.Databases[0].Rows["entries"], err)
	_, err = backup.Restore(ctx, copied, backup.Place{DataDir: other})
	fmt.Println("restored", err)

	err = os.Truncate(filepath.Join(copied, "journal.db"), 100)
	_, damage := backup.Check(ctx, copied)
	fmt.Println(damage, err)
	// Output:
	// journaled <nil>
	// journal.db 1 <nil>
	// restored <nil>
	// the backup is damaged: journal.db has other content than when it was made <nil>
}
