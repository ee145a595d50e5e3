package sqlitelog_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"htgateway/gateway/journal/sqlitelog"
)

// Who called was erased from the file, and still lies in the log beside it until that is
// emptied: whoever copied the folder would have it.
func ExampleEmptyWAL() {
	dir, err := os.MkdirTemp("", "wal")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "journal.db")
	db, err := sqlitelog.Open(file, sqlitelog.Options{Access: sqlitelog.Create, Pragmas: []string{"journal_mode(WAL)", "secure_delete(ON)"}})
	if err != nil {
		fmt.Println(err)
	}
	defer db.Close()
	_, err = db.Exec("CREATE TABLE calls (caller TEXT); INSERT INTO calls VALUES ('Bu Aminah'); DELETE FROM calls")
	log, _ := os.ReadFile(file + "-wal")
	fmt.Println("in the log:", bytes.Contains(log, []byte("Bu Aminah")), err)

	err = sqlitelog.EmptyWAL(context.Background(), db)
	log, _ = os.ReadFile(file + "-wal")
	all, _ := os.ReadFile(file)
	fmt.Println("bytes of log:", len(log), "in the file:", bytes.Contains(all, []byte("Bu Aminah")), err)
	// Output:
	// in the log: true <nil>
	// bytes of log: 0 in the file: false <nil>
}
