package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"htgateway/gateway"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/simulation"
	"htgateway/geo"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
)

// demo is one run of the demo command.
type demo struct {
	http, dir, token string
	speed            float64
	duration         time.Duration
	seed             uint64
	loss             float64
	skew             time.Duration
	truth            string
}

func newDemoCommand() *cobra.Command {
	var d demo
	cmd := &cobra.Command{
		Use:   "demo [--http ADDR] [--speed N] [--duration D] [--data DIR] [--token TOKEN] [--loss P] [--skew D] [--truth FILE]",
		Short: "Run a whole simulated county: radios on ptys, phones on MQTT, incidents of all ten categories",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.http, "http", "127.0.0.1:8112", "where the page is served")
	f.Float64Var(&d.speed, "speed", 20, "how much faster than real time, 1 to 600")
	f.DurationVar(&d.duration, "duration", 0, "how long to run, in real time; 0 until interrupted")
	f.StringVar(&d.dir, "data", "", "folder for the data, kept afterwards; a temporary one when empty")
	f.StringVar(&d.token, "token", "", "token that scripts must send; none when empty")
	f.Uint64Var(&d.seed, "seed", 112, "seed of the simulated county")
	f.Float64Var(&d.loss, "loss", 0, "share of radio bursts that are not heard, 0 to 1")
	f.DurationVar(&d.skew, "skew", 0, "how far the devices' own clocks may be off, either way")
	f.StringVar(&d.truth, "truth", "", "file for what really happened, a JSON line each, whatever was heard of it")
	return cmd
}

func (d *demo) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	if err := checkImperfection(d.loss, d.skew); err != nil {
		return err
	}
	if d.speed < 1 || d.speed > 600 {
		return fmt.Errorf("--speed is %v, not between 1 and 600", d.speed)
	}
	if d.dir == "" {
		dir, err := os.MkdirTemp("", "htgateway-demo-")
		if err != nil {
			return fmt.Errorf("cannot make a folder for the data: %w", err)
		}
		defer os.RemoveAll(dir)
		d.dir = dir
	} else if err := os.MkdirAll(d.dir, 0o750); err != nil {
		return fmt.Errorf("cannot make the folder for the data: %w", err)
	}
	truth, closeTruth, err := openTruth(d.truth)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeTruth()) }()
	stations, passwords, err := simulatedSite{dir: d.dir, http: d.http, broker: "127.0.0.1:0", token: d.token}.write()
	if err != nil {
		return err
	}
	c, err := config.Load(datadir.Folder(d.dir).Configuration())
	if err != nil {
		return err
	}
	if d.duration > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, d.duration)
		defer stop()
	}
	if err := d.play(ctx, c, stations, passwords, truth, stdout, stderr); err != nil {
		return err
	}
	return d.summary(context.WithoutCancel(ctx), c, stdout)
}

// play runs the gateway and, once it serves, the county.
func (d *demo) play(ctx context.Context, c config.Config, stations []*simulation.Station, passwords map[string]string, truth *simulation.Truth, stdout, stderr io.Writer) error {
	// With a known end, the simulated time ends about now, so that nothing is
	// dated in the future.
	began := time.Now().Add(-time.Duration(float64(d.duration) * (d.speed - 1)))
	if d.duration == 0 {
		began = time.Now()
	}
	clock := simulation.NewClock(began, d.speed)
	log := newLog(config.Log{Level: "error", Format: "text"}, stderr)
	ready := make(chan gateway.Address, 1)
	o := options(log)
	o.Now, o.Speed, o.Ready = clock.Now, d.speed, func(a gateway.Address) { ready <- a }
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return gateway.Run(ctx, c, o) })
	g.Go(func() error {
		var a gateway.Address
		select {
		case a = <-ready:
		case <-ctx.Done():
			return nil
		}
		d.greet(stdout, a, c)
		return d.county(ctx, a, stations, passwords, clock, truth, log)
	})
	return g.Wait()
}

func (d *demo) greet(w io.Writer, a gateway.Address, c config.Config) {
	page := a.HTTP + "/"
	if d.token != "" {
		page = a.HTTP + "/enter?key=" + a.OneTimeKey
	}
	fmt.Fprintf(w, "Page:   %s\nAPI:    %s/api/v1\nBroker: %s\nData:   %s\n%d units, %gx real time. Ctrl-C ends it.\n\n",
		page, a.HTTP, a.Broker, d.dir, len(c.Units), d.speed)
}

func (d *demo) county(ctx context.Context, a gateway.Address, stations []*simulation.Station, passwords map[string]string, clock *simulation.Clock, truth *simulation.Truth, log *slog.Logger) error {
	where, err := simulatedPlaces()
	if err != nil {
		return err
	}
	return simulation.New(simulation.Options{
		API: a.HTTP + "/api/v1", Token: d.token, Broker: a.Broker, Passwords: passwords,
		Stations: stations, Places: where, Clock: clock, Seed: d.seed,
		Loss: d.loss, Skew: d.skew, Truth: truth, Log: log,
	}).Run(ctx)
}

// summary prints the response times of the run.
func (d *demo) summary(ctx context.Context, c config.Config, w io.Writer) error {
	store, err := datadir.ReadSeries(ctx, c)
	if err != nil {
		return err
	}
	made, err := report.Make(ctx, store, report.Ask{Options: analysis.Options{Zone: geo.WIB(), Plan: c.Plan, Now: time.Now()}})
	if err != nil {
		return errors.Join(err, store.Close())
	}
	return errors.Join(
		report.Write(w, "table", made, report.Options{Zone: geo.WIB(), Categories: c.Plan.Categories, Office: c.County, MadeAt: time.Now()}),
		store.Close())
}
