package datadir_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"htgateway/gateway/datadir"
)

// A command is given a data folder or a configuration, and finds the same files either
// way: here in a folder that holds no configuration of its own.
func ExampleFindConfig() {
	dir, err := os.MkdirTemp("", "datadir")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	c, err := datadir.FindConfig(dir, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	folder := datadir.Of(c)
	updates, err := folder.OpenUpdates(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filepath.Base(folder.Journal()), filepath.Base(folder.Updates()), updates.Close())
	_, err = os.Stat(folder.Updates())
	fmt.Println(c.Telemetry.Store, err)
	// Output:
	// journal.db state.db <nil>
	// sqlite <nil>
}
