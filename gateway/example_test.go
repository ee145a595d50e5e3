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
	"htgateway/gateway/incident"
)

// A whole gateway needs one folder and nothing else: here no radio is plugged in, as on the
// first day, and it knows its units already. Stopped, it finishes what it has taken.
func ExampleRun() {
	dir, err := os.MkdirTemp("", "gateway")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	c, err := config.Load("") // what an empty file gives
	if err != nil {
		fmt.Println(err)
		return
	}
	c.Data.Dir, c.HTTP.Listen, c.MQTT.Embedded.Enabled = filepath.Join(dir, "data"), "127.0.0.1:0", false
	c.Units = []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar"}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ready, ended := make(chan gateway.Address, 1), make(chan error, 1)
	go func() {
		ended <- gateway.Run(ctx, c, gateway.Options{
			Now: time.Now, Speed: 1, Ready: func(a gateway.Address) { ready <- a }, Log: slog.New(slog.DiscardHandler),
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
