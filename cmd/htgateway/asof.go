package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/ops/rebuild"
)

// asOf is the "now" of what is asked of a data folder: the newest entry's time where no
// gateway runs, and that is said.
func asOf(cmd *cobra.Command, c config.Config) (time.Time, error) {
	newest, err := rebuild.AsOf(cmd.Context(), c)
	if err != nil || newest.IsZero() {
		return time.Now(), err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "htgateway: no gateway runs on this journal: as of its newest entry, %s\n", newest.Format(time.RFC3339))
	return newest, nil
}

// catchUp has updates and series made that are not made yet, where no gateway runs that
// would. Who may only read is given what is there, and so is who names a folder without a
// configuration: nothing says which units the journal speaks of.
func catchUp(cmd *cobra.Command, c config.Config, folder, file string) error {
	if _, err := os.Stat(datadir.Folder(folder).Configuration()); file == "" && err != nil {
		return nil //nolint:nilerr // such a folder is read as it is
	}
	bar := newProgress(cmd.ErrOrStderr(), "", 0)
	err := rebuild.CatchUp(cmd.Context(), c, rebuild.Options{
		Progress: func(step string, done, total uint64) {
			bar.what, bar.total = step, int64(total) // #nosec G115 -- a count of entries
			bar.to(int64(done))                      // #nosec G115 -- a count of entries
		},
		Now: time.Now, Log: newLog(config.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr()),
	})
	bar.end()
	if errors.Is(err, fs.ErrPermission) {
		fmt.Fprintln(cmd.ErrOrStderr(), "htgateway: what the journal has beyond the series may not be written and is left out:", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot fold what is not folded yet: %w", err)
	}
	return nil
}
