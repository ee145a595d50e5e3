package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"htgateway/devices/account"
	"htgateway/gateway"
	"htgateway/gateway/config"
)

func newRunCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "run [--config FILE]",
		Short: "Run the gateway",
		Long:  "Run the gateway until SIGTERM, which lets it finish what it has taken. SIGHUP reads the configuration, units, procedure and MQTT users again; when only the users changed, nobody else's session ends.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runGateway(cmd.Context(), path, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&path, "config", defaultConfig, "the configuration")
	return cmd
}

// runGateway runs the gateway, again after each SIGHUP. A configuration that is
// wrong is logged and the running one is kept.
func runGateway(ctx context.Context, path string, stderr io.Writer) error {
	c, err := config.Load(path)
	if err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		log := newLog(c.Log, stderr)
		again := make(chan config.Config, 1)
		life, end := context.WithCancel(ctx)
		o := options(log)
		users := make(chan map[string]account.User)
		o.Users = users
		go func() {
			for {
				select {
				case <-hangup:
					next, err := config.Load(path)
					if err != nil {
						log.Error("configuration not taken", "reason", err)
						continue
					}
					if c.SameButUsers(next) {
						select {
						case users <- next.MQTT.Embedded.Users:
						case <-life.Done():
						}
						continue
					}
					again <- next
					end()
					return
				case <-life.Done():
					return
				}
			}
		}()
		err := gateway.Run(life, c, o)
		end()
		if err != nil || ctx.Err() != nil {
			return err
		}
		c = <-again
		log.Info("configuration read again", "file", path)
	}
}

func options(log *slog.Logger) gateway.Options {
	return gateway.Options{
		Now: func() time.Time { return time.Now().UTC() }, Speed: 1,
		Log: log,
	}
}

func newLog(c config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo // checked when the configuration was read
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
