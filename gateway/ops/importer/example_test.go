package importer_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"htgateway/gateway/datadir"
	"htgateway/gateway/ops/importer"
)

// A line that is said twice is one entry; one that is wrong is named, and nothing is left.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "import")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	folder, o := datadir.Folder(dir), importer.Options{Log: slog.New(slog.DiscardHandler)}
	const up = `{"id":"l1","kind":"link","at":"2026-11-24T09:00:00Z","body":{"link":"roof","at":"2026-11-24T09:00:00Z","state":"up"}}` + "\n"

	_, err = importer.Run(context.Background(), folder, strings.NewReader(up+`{"id":"l2","kind":"lnik"}`), o)
	_, missing := os.Stat(folder.Journal())
	fmt.Println(err, "and no journal is there:", os.IsNotExist(missing))

	made, err := importer.Run(context.Background(), folder, strings.NewReader(up+up), o)
	fmt.Println(made.Entries, "entry,", made.Duplicates, "duplicate,", err)
	// Output:
	// line 2: it has no time (at) that a journal can hold and no journal is there: true
	// 1 entry, 1 duplicate, <nil>
}
