package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/history/record"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident/procedure"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// recordSheet is what the record command was asked for.
type recordSheet struct {
	format, data, config, output string
	withCaller                   bool
}

// sheetFormats are the formats of a record.
var sheetFormats = map[string]func(*record.Sheet, io.Writer) error{
	"html": (*record.Sheet).WriteHTML, "pdf": (*record.Sheet).WritePDF, "json": (*record.Sheet).WriteJSON,
}

func newRecordCommand() *cobra.Command {
	var r recordSheet
	cmd := &cobra.Command{
		Use:   "record INCIDENT [--format F] [--output FILE] (--data DIR | --config FILE)",
		Short: "Print the sheet of one incident: timeline, evidence, clocks against their limits",
		Long: "Record prints the sheet of one incident, named by its id or number, from the journal, also while the gateway runs:\n" +
			"who did what, when, where and by what means; how each arrival is known; corrections; the procedure's clocks; the raw frames.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&r.format, "format", "html", strings.Join(slices.Sorted(maps.Keys(sheetFormats)), ", "))
	f.BoolVar(&r.withCaller, "with-caller", false, "print the caller too, who is left out otherwise")
	f.StringVar(&r.data, "data", "", "a gateway's data directory that holds its htgateway.yaml, such as a demo's")
	f.StringVar(&r.config, "config", "", "the gateway's configuration")
	f.StringVar(&r.output, "output", "", "write to this file instead of standard output")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func (r recordSheet) run(cmd *cobra.Command, name string) error {
	write, known := sheetFormats[r.format]
	if !known {
		return fmt.Errorf("unknown format %q", r.format)
	}
	c, err := datadir.LoadConfig(r.data, r.config)
	if err != nil {
		return err
	}
	now, err := asOf(cmd, c)
	if err != nil {
		return err
	}
	sheet, err := r.sheet(cmd.Context(), c, name, now)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := write(sheet, &out); err != nil {
		return err
	}
	return deliver(cmd, r.output, out.Bytes())
}

func (r recordSheet) sheet(ctx context.Context, c config.Config, name string, now time.Time) (*record.Sheet, error) {
	gazetteer, err := c.Gazetteer()
	if err != nil {
		return nil, err
	}
	j, err := datadir.Of(c).ReadJournal(ctx)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	if c.Plan, err = procedure.Plan(ctx, j, c.Plan); err != nil {
		return nil, err
	}
	settings := c.TrackerSettings()
	enrolled, err := j.OfKind(ctx, journal.KindEnrolment)
	if err == nil {
		settings.Roster, err = enrolment.InitialUnits(settings.Roster, enrolled)
	}
	if err != nil {
		return nil, err
	}
	listeners := record.Listeners{}
	src, err := record.FromJournal(ctx, listeners.Among(j.Entries(ctx)), settings, name)
	if errors.Is(err, record.ErrNoIncident) {
		return nil, fmt.Errorf("%w: %w", errData, err)
	}
	if err != nil {
		return nil, err
	}
	src.Frame, src.Landmarks = record.FrameOf(j, listeners.Links(), listeners.Stations), record.LandmarksOf(gazetteer)
	return record.Gather(ctx, src, record.Options{Office: c.Letterhead(), Zone: geo.WIB(), Now: now, WithCaller: r.withCaller})
}
