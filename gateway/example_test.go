package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"htgateway/gateway"
	"htgateway/gateway/config"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

// A whole gateway runs from one file and one folder: here with nothing plugged in, as on
// the first day, when it knows its units already. Stopped, it finishes what it has taken.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "gateway")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "htgateway.yaml")
	text := "data: {dir: data}\n" +
		"units_file: units.yaml\n" +
		"http: {listen: \"127.0.0.1:0\"}\n" +
		"mqtt: {embedded: {enabled: false}}\n"
	for name, content := range map[string]string{file: text, filepath.Join(dir, "units.yaml"): "units: [{id: damkar-1, call_sign: DAMKAR 1, agency: Damkar, devices: [\"fleetsync:102-1001\"]}]\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	c, err := config.Load(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ready, ended := make(chan gateway.Address, 1), make(chan error, 1)
	go func() {
		ended <- gateway.Run(ctx, c, gateway.Options{
			Now: time.Now, Speed: 1, Ready: func(a gateway.Address) { ready <- a }, Log: slog.New(slog.DiscardHandler),
			OpenStore: func(ctx context.Context, c config.Config) (telemetry.Store, error) {
				return sqlite.Open(ctx, filepath.Join(c.Data.Dir, "series.db"))
			},
		})
	}()
	select {
	case at := <-ready:
		res, err := http.Get(at.HTTP + "/api/v1/units")
		if err != nil {
			fmt.Println(err)
			break
		}
		units, err := io.ReadAll(res.Body)
		fmt.Println(res.Status, strings.Contains(string(units), `"call_sign":"DAMKAR 1"`), err, res.Body.Close())
	case err := <-ended:
		fmt.Println(err)
		return
	}
	stop()
	fmt.Println(<-ended)
	// Output:
	// 200 OK true <nil> <nil>
	// <nil>
}
