package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/geo"
	"htgateway/geo/places"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
)

// reporting is what the command was asked for.
type reporting struct {
	from, to, otherFrom, otherTo string
	by, format, zone             string
	data, config, output         string
}

// reportMemory is what a report may take before the runtime frees garbage at once, in
// bytes.
const reportMemory = 128 << 20

func newReportCommand() *cobra.Command {
	var r reporting
	groupings := make([]string, 0, len(analysis.Groupings()))
	for _, b := range analysis.Groupings() {
		groupings = append(groupings, string(b))
	}
	cmd := &cobra.Command{
		Use:   "report [--from T] [--to T] [--compare-from T] [--compare-to T] [--by GROUP] [--format F] (--data DIR | --config FILE)",
		Short: "Print response times: count, median, 90th percentile and share within the target",
		Long: "Report prints response times of the incidents whose call was received in the period, also while the gateway runs.\n" +
			"Where none runs it is as of the newest entry of the journal, and what of that is not folded yet is folded first.\n" +
			"Times are dates (2026-11-23, local time; --to includes that day) or RFC 3339 (--to is not included).\n" +
			"With --compare-from and --compare-to a second period stands beside it, with the differences and whether they can be told from chance.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&r.from, "from", "", "calls received from this time on")
	f.StringVar(&r.to, "to", "", "calls received before this time, or until the end of this day")
	f.StringVar(&r.otherFrom, "compare-from", "", "set beside it the calls received from this time on")
	f.StringVar(&r.otherTo, "compare-to", "", "and before this time, or until the end of this day")
	f.StringVar(&r.by, "by", "", "group by "+strings.Join(groupings, ", "))
	f.StringVar(&r.format, "format", "table", strings.Join(report.Formats(), ", "))
	f.StringVar(&r.zone, "zone", "", "local time for dates, hours and weekdays, as in Asia/Makassar (default WIB, UTC+7)")
	f.StringVar(&r.data, "data", "", "a gateway's data directory, such as a demo's")
	f.StringVar(&r.config, "config", "", "the gateway's configuration")
	f.StringVar(&r.output, "output", "", "write to this file instead of standard output")
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func (r reporting) run(cmd *cobra.Command) error {
	zone := geo.WIB()
	var err error
	if r.zone != "" {
		if zone, err = time.LoadLocation(r.zone); err != nil {
			return fmt.Errorf("unknown --zone: %w", err)
		}
	}
	ask := report.Ask{Options: analysis.Options{By: analysis.By(r.by), Zone: zone, Now: time.Now()}}
	if ask.Scope.From, ask.Scope.To, err = span("--from", r.from, "--to", r.to, zone); err != nil {
		return err
	}
	if ask.OtherFrom, ask.OtherTo, err = span("--compare-from", r.otherFrom, "--compare-to", r.otherTo, zone); err != nil {
		return err
	}
	// Wrong words are refused before anything is read.
	if err := ask.Check(); err != nil {
		return err
	}
	options := report.Options{Zone: zone, MadeAt: ask.Options.Now}
	if err := report.Write(new(bytes.Buffer), r.format, report.Report{}, options); err != nil {
		return err
	}
	c, err := datadir.FindConfig(r.data, r.config)
	if err != nil {
		return err
	}
	if c, err = datadir.InTime(cmd.Context(), c); err != nil {
		return err
	}
	if ask.Options.Now, err = asOf(cmd, c); err != nil {
		return err
	}
	options.MadeAt = ask.Options.Now
	if err := catchUp(cmd, c, r.data, r.config); err != nil {
		return err
	}
	store, err := datadir.ReadSeries(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer store.Close()
	options.Office, options.Categories, ask.Options.Plan = c.County, c.Plan.Categories, c.Plan
	ask.Whole = r.format == "json"
	if ask.Charts = r.format == "html"; ask.Charts {
		if ask.Villages, err = r.villages(); err != nil {
			return err
		}
	}
	// A year is read in little memory: what is garbage goes early.
	debug.SetMemoryLimit(reportMemory)
	made, err := report.Make(cmd.Context(), store, ask)
	if err != nil {
		return fmt.Errorf("%w: %w", errData, err)
	}
	var out bytes.Buffer
	if err := report.Write(&out, r.format, made, options); err != nil {
		return err
	}
	return deliver(cmd, r.output, out.Bytes())
}

// villages are those of the county, for the map.
func (r reporting) villages() ([]places.Place, error) {
	var site config.Config
	if r.config != "" {
		var err error
		if site, err = config.Load(r.config); err != nil {
			return nil, err
		}
	}
	gazetteer, err := site.Gazetteer()
	if err != nil {
		return nil, err
	}
	return gazetteer.Villages(), nil
}

// deliver writes to standard output, or to a file that is whole or not there.
func deliver(cmd *cobra.Command, file string, content []byte) error {
	return deliverStream(cmd, file, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// span reads the bounds of a period.
func span(fromName, fromText, toName, toText string, zone *time.Location) (from, to time.Time, err error) {
	if from, err = moment(fromText, zone, false); err != nil {
		return from, to, fmt.Errorf("cannot read %s: %w", fromName, err)
	}
	if to, err = moment(toText, zone, true); err != nil {
		return from, to, fmt.Errorf("cannot read %s: %w", toName, err)
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, fmt.Errorf("%s is not before %s", fromName, toName)
	}
	return from, to, nil
}

// moment reads a date or a time; a date that ends a period means the end of
// that day.
func moment(text string, zone *time.Location, isEnd bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		if isEnd {
			day = day.AddDate(0, 0, 1)
		}
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a date (2026-11-23) nor a time (2026-11-23T08:00:00+07:00)", text)
	}
	return t, nil
}
