package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/spf13/cobra"

	"htgateway/devices/atomicfile"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/export"
)

// exporting is what the export command was asked for.
type exporting struct {
	what, format, from, to, unit string
	data, config, output         string
}

func newExportCommand() *cobra.Command {
	var e exporting
	cmd := &cobra.Command{
		Use:   "export --what W --format F [--from T] [--to T] [--unit U] [--output FILE] (--data DIR | --config FILE)",
		Short: "Write fixes, statuses, milestones, intervals or the journal for other programs",
		Long: "Export writes what the gateway keeps, row by row, also while it runs. Times are UTC. Milestones and intervals that a\n" +
			"correction has replaced are marked superseded. geojson and gpx hold fixes only. Text in CSV that a spreadsheet would\n" +
			"compute has an apostrophe before it. --from and --to bound the event's own time, and in the journal the time of reception.\n" +
			"Exit code 1 when an entry of the journal does not match its checksum: it is named, and all others are written.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&e.what, "what", "", "fixes, statuses, milestones, intervals or journal")
	f.StringVar(&e.format, "format", "csv", "csv, jsonl, parquet, geojson or gpx")
	f.StringVar(&e.from, "from", "", "from this date or time on")
	f.StringVar(&e.to, "to", "", "before this time, or until the end of this day")
	f.StringVar(&e.unit, "unit", "", "one unit, by its id")
	f.StringVar(&e.data, "data", "", "a gateway's data directory, such as a demo's")
	f.StringVar(&e.config, "config", "", "the gateway's configuration")
	f.StringVar(&e.output, "output", "", "write to this file instead of standard output")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	if err := cmd.MarkFlagRequired("what"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func (e exporting) run(cmd *cobra.Command) error {
	what, format := export.What(e.what), export.Format(e.format)
	if err := export.Check(what, format); err != nil {
		return err
	}
	if what == export.Journal && e.unit != "" {
		return errors.New("--unit does not go with the journal, whose entries name devices")
	}
	scope, err := e.scope()
	if err != nil {
		return err
	}
	c, err := datadir.FindConfig(e.data, e.config)
	if err != nil {
		return err
	}
	if what != export.Journal {
		if err := catchUp(cmd, c, e.data, e.config); err != nil {
			return err
		}
	}
	rows, total, end, err := e.open(cmd.Context(), c, what, format, scope, terminal(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	bar := newProgress(cmd.ErrOrStderr(), e.what, total)
	damaged := 0
	err = deliverStream(cmd, e.output, func(w io.Writer) error {
		return export.Write(w, what, format, bar.rows(rows), func(err error) error {
			if !errors.Is(err, journal.ErrCorrupt) {
				return err
			}
			damaged++
			fmt.Fprintln(cmd.ErrOrStderr(), "htgateway:", err)
			return nil
		})
	})
	bar.end()
	if err = errors.Join(err, end()); err != nil {
		return fmt.Errorf("cannot export %s: %w", what, err)
	}
	if damaged > 0 {
		return fmt.Errorf("%w: %d entries of the journal left out", errData, damaged)
	}
	return nil
}

func (e exporting) scope() (s export.Scope, err error) {
	s.Unit = e.unit
	if s.From, err = moment(e.from, geo.WIB(), false); err != nil {
		return s, fmt.Errorf("cannot read --from: %w", err)
	}
	if s.To, err = moment(e.to, geo.WIB(), true); err != nil {
		return s, fmt.Errorf("cannot read --to: %w", err)
	}
	if !s.From.IsZero() && !s.To.IsZero() && !s.From.Before(s.To) {
		return s, errors.New("--from is not before --to")
	}
	return s, nil
}

// open opens what is to be read. The total is how many rows there will be about, 0
// when that is not asked for or not known.
func (exporting) open(ctx context.Context, c config.Config, what export.What, format export.Format, s export.Scope, count bool) (rows iter.Seq2[export.Row, error], total int64, end func() error, err error) {
	if what == export.Journal {
		j, err := datadir.Of(c).ReadJournal(ctx)
		if err != nil {
			return nil, 0, nil, err
		}
		last, err := j.Last(ctx)
		if err != nil {
			return nil, 0, nil, errors.Join(err, j.Close())
		}
		return export.FromJournal(j.Entries(ctx), s), int64(last), j.Close, nil
	}
	store, err := datadir.ReadSeries(ctx, c)
	if err != nil {
		return nil, 0, nil, err
	}
	if counted, can := store.(interface {
		Count(ctx context.Context, q telemetry.Query) (int64, error)
	}); can && count {
		if total, err = counted.Count(ctx, export.Query(what, s)); err != nil {
			return nil, 0, nil, errors.Join(err, store.Close())
		}
	}
	if format == export.GPX {
		return export.FixesByUnit(ctx, store, s), total, store.Close, nil
	}
	return export.FromSeries(ctx, store, what, s), total, store.Close, nil
}

// deliverStream is deliver for what is too large to hold.
func deliverStream(cmd *cobra.Command, file string, write func(io.Writer) error) error {
	if file == "" {
		return write(cmd.OutOrStdout())
	}
	part, err := os.OpenFile(file+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // #nosec G304 -- --output of whoever runs the command
	if err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	if err := write(part); err != nil {
		return errors.Join(err, part.Close(), os.Remove(part.Name()))
	}
	return atomicfile.Write(part, file)
}
