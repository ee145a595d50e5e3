package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"htgateway/gateway"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

func newRebuildCommand() *cobra.Command {
	var data, file string
	cmd := &cobra.Command{
		Use:   "rebuild (--data DIR | --config FILE)",
		Short: "Make the updates and the series again from the journal",
		Long: "Rebuild makes the tracker's updates (state.db) and the series again from the journal, while the gateway does not run,\n" +
			"and prints checksums of their content before and after. Of one journal and the same settings they are equal. Exit code 1\n" +
			"when they differ: the files were damaged or behind, or settings, units or program changed since. A state.db that\n" +
			"is damaged is renamed to state.db.damaged. A series in InfluxDB is emptied of the gateway's measurements first.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := datadir.LoadConfig(data, file)
			if err != nil {
				return err
			}
			return rebuild(cmd, c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "a gateway's data directory that holds its htgateway.yaml, such as a demo's")
	f.StringVar(&file, "config", "", "the gateway's configuration")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func rebuild(cmd *cobra.Command, c config.Config) error {
	if _, err := os.Stat(datadir.Of(c).Journal()); err != nil {
		return fmt.Errorf("cannot rebuild without a journal: %w", err)
	}
	what := gateway.Rebuilding{Config: c, Options: options(newLog(config.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr()))}
	series, old := datadir.Of(c).Series(), datadir.Of(c).OldSeries()
	what.Old = func(ctx context.Context) (telemetry.Store, error) {
		if c.Telemetry.Store != config.StoreSQLite {
			return datadir.OpenSeries(ctx, c)
		}
		// The gateway does not run: its journal is locked by now.
		if err := errors.Join(moveDatabase(old, ""), moveDatabase(series, old)); err != nil {
			return nil, err
		}
		return sqlite.OpenToRead(ctx, old)
	}
	bar := newProgress(cmd.ErrOrStderr(), "", 0)
	before, after, err := gateway.Rebuild(cmd.Context(), what, func(step string, done, total uint64) {
		bar.what, bar.total = step, int64(total) // #nosec G115 -- a count of entries
		bar.to(int64(done))                      // #nosec G115 -- a count of entries
	})
	bar.end()
	if err != nil {
		return fmt.Errorf("cannot rebuild: %w", err)
	}
	return errors.Join(compare(cmd, before, after), moveDatabase(old, ""))
}

func compare(cmd *cobra.Command, before, after gateway.Checksums) error {
	differ := false
	for _, s := range []struct{ name, before, after string }{
		{"updates", before.Updates, after.Updates}, {"series", before.Series, after.Series},
	} {
		verdict := "equal"
		if s.before != s.after {
			verdict, differ = "DIFFERENT", true
		}
		if s.before == "" {
			s.before = "unreadable"
		}
		fmt.Fprintf(cmd.OutOrStdout(), "%-8s before %-32s after %s  %s\n", s.name, s.before, s.after, verdict)
	}
	if differ {
		return fmt.Errorf("%w: what was there is not what the journal gives; it was damaged or behind, or settings, units or program changed since; it is now made anew", errData)
	}
	return nil
}

// moveDatabase renames a SQLite file with what belongs to it, or removes it.
func moveDatabase(from, to string) error {
	for _, end := range []string{"", "-wal", "-shm"} {
		var err error
		if to == "" {
			err = os.Remove(from + end)
		} else {
			err = os.Rename(from+end, to+end)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot put a database aside: %w", err)
		}
	}
	return nil
}
