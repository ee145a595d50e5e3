package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/simulation"
)

// simulate is one run of the simulate command: the radios, phones and desk of a
// county around a gateway that runs by itself.
type simulate struct {
	site     simulatedSite
	duration time.Duration
	loss     float64
	skew     time.Duration
	seed     uint64
	truth    string
	fast     bool
	year     fastYear
}

func newSimulateCommand() *cobra.Command {
	var s simulate
	cmd := &cobra.Command{
		Use:   "simulate --data DIR [--http ADDR] [--mqtt ADDR] [--loss P] [--skew D] [--duration D] [--token TOKEN] [--truth FILE] | --fast [--journal] --data DIR",
		Short: "Play a county's radios, phones and desk in real time around a gateway of your own",
		Long: `Writes a site into the folder (htgateway.yaml, units.yaml, the phones' users),
makes base stations on ptys and phones for it, and plays them in real time as
soon as a gateway with that configuration serves:

  htgateway simulate --data /tmp/site &
  htgateway run --config /tmp/site/htgateway.yaml

Either may be stopped and started again. With --loss, --skew and the phones'
gaps of network it shows what the record makes of an imperfect world.

With --fast it makes a whole year instead, as fast as the machine can, into the
folder's series alone, for reports: events of a seeded county go through the
tracker and its updates into series.db; there is no gateway, no radio and no
journal. With --journal it makes the journal of that year instead, and the units
file and configuration with which run, report and record take it up.

  htgateway simulate --fast --data /tmp/year
  htgateway report --data /tmp/year --by category`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := newLog(config.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr())
			if s.year.journal && !s.fast {
				return errors.New("--journal goes with --fast")
			}
			if s.fast {
				s.year.http, s.year.truth = s.site.http, s.truth
				return s.year.run(cmd.Context(), s.site.dir, s.seed, cmd.OutOrStdout(), cmd.ErrOrStderr(), log)
			}
			return s.run(cmd.Context(), cmd.OutOrStdout(), log)
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.site.dir, "data", "", "folder for the site that is written (needed)")
	f.StringVar(&s.site.http, "http", "127.0.0.1:8112", "where the gateway will serve")
	f.StringVar(&s.site.broker, "mqtt", "127.0.0.1:1883", "where the gateway's broker will listen")
	f.StringVar(&s.site.token, "token", "", "token that the gateway asks of scripts; none when empty")
	f.DurationVar(&s.duration, "duration", 0, "how long to play; 0 until interrupted")
	f.Float64Var(&s.loss, "loss", 0, "share of radio bursts that are not heard, 0 to 1")
	f.DurationVar(&s.skew, "skew", 0, "how far the devices' own clocks may be off, either way")
	f.Uint64Var(&s.seed, "seed", 112, "seed of the simulated county")
	f.StringVar(&s.truth, "truth", "", "file for what really happened, a JSON line each, whatever was heard of it")
	f.BoolVar(&s.fast, "fast", false, "make a whole year into the folder's series instead")
	f.BoolVar(&s.year.journal, "journal", false, "with --fast: a journal and units file instead of a series, to be run by run")
	f.IntVar(&s.year.incidents, "incidents", 100_000, "with --fast: incidents of the year")
	f.IntVar(&s.year.fixes, "fixes", 10_000_000, "with --fast: fixes of the year")
	f.IntVar(&s.year.units, "units", 120, "with --fast: units of the county")
	f.StringVar(&s.year.begins, "begins", "2025-01-01", "with --fast: first day of the year")
	if err := cmd.MarkFlagRequired("data"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func (s *simulate) run(ctx context.Context, stdout io.Writer, log *slog.Logger) (err error) {
	if err := checkImperfection(s.loss, s.skew); err != nil {
		return err
	}
	if err := os.MkdirAll(s.site.dir, 0o750); err != nil {
		return fmt.Errorf("cannot make the folder for the site: %w", err)
	}
	truth, closeTruth, err := openTruth(s.truth)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTruth()) }()
	s.site.named = true
	stations, passwords, err := s.site.write()
	if err != nil {
		return err
	}
	where, err := simulatedPlaces()
	if err != nil {
		return err
	}
	if s.duration > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, s.duration)
		defer stop()
	}
	for _, station := range stations {
		fmt.Fprintf(stdout, "%-12s %-8s %s\n", station.ID, station.Protocol, station.Device)
	}
	fmt.Fprintf(stdout, "\nStart the gateway:  htgateway run --config %s/htgateway.yaml\nPage:               http://%s/\n", s.site.dir, s.site.http)
	if err := awaitGateway(ctx, "http://"+s.site.http+"/readyz"); err != nil {
		if ctx.Err() != nil {
			return nil // ended before a gateway came
		}
		return err
	}
	fmt.Fprintln(stdout, "The gateway serves; the county plays. Ctrl-C ends it.")
	return simulation.New(simulation.Options{
		API: "http://" + s.site.http + "/api/v1", Token: s.site.token, Broker: s.site.broker, Passwords: passwords,
		Stations: stations, Places: where, Clock: simulation.NewClock(time.Now(), 1), Seed: s.seed,
		Loss: s.loss, Skew: s.skew, Truth: truth, Log: log,
	}).Run(ctx)
}

// checkImperfection refuses a county that is worse than nothing at all.
func checkImperfection(loss float64, skew time.Duration) error {
	if !(loss >= 0 && loss <= 1) {
		return fmt.Errorf("--loss is %v, not between 0 and 1", loss)
	}
	if skew < 0 {
		return fmt.Errorf("--skew is %v, below zero", skew)
	}
	return nil
}

// openTruth makes the file for what really happens; an empty name is for nobody who wants
// to know. Close it in any case.
func openTruth(file string) (truth *simulation.Truth, end func() error, err error) {
	if file == "" {
		return nil, func() error { return nil }, nil
	}
	f, err := os.Create(file) // #nosec G304 -- --truth of whoever runs the command
	if err != nil {
		return nil, nil, fmt.Errorf("cannot make the file for what really happens: %w", err)
	}
	truth = simulation.NewTruth(f)
	return truth, func() error { return errors.Join(truth.Err(), f.Close()) }, nil
}

// askAgain is how often a gateway that does not serve yet is asked.
const askAgain = 300 * time.Millisecond

// awaitGateway returns once the gateway is ready.
func awaitGateway(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 5 * time.Second}
	ticker := time.NewTicker(askAgain)
	defer ticker.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("cannot ask the gateway whether it is ready: %w", err)
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
