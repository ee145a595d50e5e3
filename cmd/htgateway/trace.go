package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"htgateway/gateway/datadir"
	"htgateway/gateway/history/trace"
	"htgateway/geo"
)

// tracing is what the trace command was asked for.
type tracing struct {
	data, config string
	json         bool
}

func newTraceCommand() *cobra.Command {
	var t tracing
	cmd := &cobra.Command{
		Use:   "trace REPORT [--json] (--data DIR | --config FILE)",
		Short: "Follow one report from the frame to the record: who heard it, what became of it, how far the sinks are",
		Long: "Trace follows one report, named by its id or the beginning of it, also while the gateway runs: the raw frame, every\n" +
			"link and station that heard it, the times of device, reception and journal, what the tracker made of it, how far each\n" +
			"sink is with that, and what was sent back to the radio. Ids stand in the logs, in the event stream and in a record.\n" +
			"Exit code 1 when no report, or more than one, has an id that begins so.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return t.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&t.json, "json", false, "print JSON instead of text")
	f.StringVar(&t.data, "data", "", "a gateway's data directory, such as a demo's")
	f.StringVar(&t.config, "config", "", "the gateway's configuration")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func (t tracing) run(cmd *cobra.Command, id string) (err error) {
	ctx := cmd.Context()
	c, err := datadir.FindConfig(t.data, t.config)
	if err != nil {
		return err
	}
	folder := datadir.Of(c)
	j, err := folder.ReadJournal(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	var updates trace.Updates
	u, err := folder.ReadUpdates(ctx)
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, u.Close()) }()
		updates = u
	case errors.Is(err, os.ErrNotExist):
		fmt.Fprintln(cmd.ErrOrStderr(), "htgateway: there is no "+datadir.Updates+": the trace ends at the journal")
	default:
		return err
	}
	found, err := trace.Follow(ctx, j, updates, id)
	if errors.Is(err, trace.ErrNoReport) || errors.Is(err, trace.ErrSeveral) {
		return fmt.Errorf("%w: %w", errData, err)
	}
	if err != nil {
		return err
	}
	if !t.json {
		return found.WriteText(cmd.OutOrStdout(), geo.WIB())
	}
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetIndent("", "  ")
	return enc.Encode(found)
}
