package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/ops/rebuild"
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
			return runRebuild(cmd, c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&data, "data", "", "a gateway's data directory that holds its htgateway.yaml, such as a demo's")
	f.StringVar(&file, "config", "", "the gateway's configuration")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func runRebuild(cmd *cobra.Command, c config.Config) error {
	if _, err := os.Stat(datadir.Of(c).Journal()); err != nil {
		return fmt.Errorf("cannot rebuild without a journal: %w", err)
	}
	bar := newProgress(cmd.ErrOrStderr(), "", 0)
	before, after, err := rebuild.Run(cmd.Context(), c, rebuild.Options{
		Progress: func(step string, done, total uint64) {
			bar.what, bar.total = step, int64(total)
			bar.to(int64(done))
		},
		Now: time.Now, Log: newLog(config.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr()),
	})
	bar.end()
	if err != nil {
		return fmt.Errorf("cannot rebuild: %w", err)
	}
	return compare(cmd, before, after)
}

func compare(cmd *cobra.Command, before, after rebuild.Checksums) error {
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
