package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"htgateway/devices/protocol"
	"htgateway/devices/protocol/autobaud"
	"htgateway/devices/transport/capture"
	"htgateway/gateway"
	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/inbound/link"
)

// replayedLink is the id of the one link of a replaying gateway.
const replayedLink = "replay"

// replay is one run of the replay command.
type replay struct {
	speed             float64
	config, dir, http string
}

func newReplayCommand() *cobra.Command {
	var r replay
	cmd := &cobra.Command{
		Use:   "replay CAPTURE [--speed N] [--config FILE] [--data DIR] [--http ADDR]",
		Short: "Run a recording of htgateway monitor through a fresh gateway",
		Long: "Replay starts a whole gateway whose one link is a pty, writes the recorded bytes to it with their timing, waits until\n" +
			"all of it is journalled and folded, and prints what came of it. The gateway's clock shows the recorded time.\n" +
			"Units, codes and procedure are those of --config; its links, broker and series are left out. Exit code 1 when nothing\n" +
			"was decoded or the capture is damaged.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.run(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.Float64Var(&r.speed, "speed", 1, "how much faster than recorded, 1 to 600; 0 as fast as the gateway reads")
	f.StringVar(&r.config, "config", "", "configuration with the units, codes and procedure; the built-in one without units when empty")
	f.StringVar(&r.dir, "data", "", "folder for the data, without a journal yet; a new temporary one, which is kept, when empty")
	f.StringVar(&r.http, "http", "127.0.0.1:0", "where the page is served meanwhile")
	return cmd
}

func (r *replay) run(ctx context.Context, path string, stdout, stderr io.Writer) error {
	if r.speed != 0 && (r.speed < 1 || r.speed > 600) {
		return fmt.Errorf("--speed is %v, neither 0 nor between 1 and 600", r.speed)
	}
	f, err := os.Open(path) // #nosec G304 -- the argument of whoever runs the command
	if err != nil {
		return fmt.Errorf("cannot read the capture: %w", err)
	}
	defer f.Close()
	recorded, err := capture.NewReader(f)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errData, path, err)
	}
	h := recorded.Header()
	if link.NewDecoder(h.Protocol) == nil {
		return fmt.Errorf("%w: %s: protocol %q is none of %s", errData, path, h.Protocol, protocol.Join(autobaud.Protocols()))
	}
	line, err := newReplayLine()
	if err != nil {
		return err
	}
	defer line.close()
	c, err := r.site(h, line.device)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Capture: %s, %d baud, recorded at %s on %s\nData:    %s\n", h.Protocol, h.Baud, h.Started.Format(time.RFC3339), printable(h.Port), r.dir)
	fed, err := r.play(ctx, c, recorded, line, stdout, stderr)
	if err != nil && !errors.Is(err, errData) {
		return err
	}
	outcome, readErr := readOutcome(context.WithoutCancel(ctx), c)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	outcome.print(stdout, fed, c.Units)
	if err == nil && outcome.reports == 0 && ctx.Err() == nil {
		err = fmt.Errorf("%w: nothing was decoded", errData)
	}
	return err
}

// site is the configuration of the replaying gateway. It reaches nothing of the
// site that FILE describes: no port, no broker, no series.
func (r *replay) site(h capture.Header, device string) (config.Config, error) {
	c, err := config.Load(r.config)
	if err != nil {
		return config.Config{}, err
	}
	host, _, err := net.SplitHostPort(r.http)
	if err != nil {
		return config.Config{}, fmt.Errorf("--http is %q: %w", r.http, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) && c.HTTP.Token == "" {
		return config.Config{}, fmt.Errorf("--http %s is beyond loopback: give a --config with http.token_file", r.http)
	}
	if r.dir == "" {
		if r.dir, err = os.MkdirTemp("", "htgateway-replay-"); err != nil {
			return config.Config{}, fmt.Errorf("cannot make a folder for the data: %w", err)
		}
	}
	_, err = os.Stat(datadir.Folder(r.dir).Journal())
	if err == nil {
		return config.Config{}, fmt.Errorf("--data %s holds a journal already: a replay runs through a fresh gateway", r.dir)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return config.Config{}, fmt.Errorf("cannot look into the data folder: %w", err)
	}
	c.Data.Dir, c.HTTP.Listen, c.HTTP.TLSCert, c.HTTP.TLSKey = r.dir, r.http, "", ""
	c.MQTT.Embedded.Enabled, c.Telemetry.Store = false, config.StoreSQLite
	c.Webhooks, c.CAD.Folder, c.CoT.Outputs = nil, "", nil
	// A pty takes every speed; the recorded one may be none that the system knows.
	c.Links = []config.Link{{ID: replayedLink, Kind: "serial", Protocol: string(h.Protocol), Device: device, Baud: defaultBaud}}
	return c, nil
}

// play runs the gateway, feeds it and ends it when all is taken.
func (r *replay) play(ctx context.Context, c config.Config, recorded *capture.Reader, line *replayLine, stdout, stderr io.Writer) (fed, error) {
	clock := newReplayClock(recorded.Header().Started, r.speed)
	ready := make(chan gateway.Address, 1)
	o := options(newLog(config.Log{Level: "error", Format: "text"}, stderr))
	o.Now, o.Speed, o.Ready = clock.Now, max(r.speed, 1), func(a gateway.Address) { ready <- a }
	g, ctx := errgroup.WithContext(ctx)
	life, end := context.WithCancel(ctx)
	defer end()
	g.Go(func() error { return gateway.Run(life, c, o) })
	feed := feeder{
		line: line, clock: clock, decoder: link.NewDecoder(recorded.Header().Protocol), gauge: gauge{token: string(c.HTTP.Token)},
	}
	g.Go(func() error {
		defer end() // the gateway then folds and stores what it has
		select {
		case a := <-ready:
			fmt.Fprintf(stdout, "Page:    %s/\n", a.HTTP)
			feed.gauge.links = a.HTTP + "/api/v1/links"
		case <-ctx.Done():
			return nil
		}
		if err := feed.run(ctx, recorded); ctx.Err() == nil {
			return err
		}
		return nil // ended by Ctrl-C, or by the gateway, which says why
	})
	err := g.Wait()
	return feed.fed, err
}
