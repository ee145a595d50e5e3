package main

import (
	"context"
	"path/filepath"

	"htgateway/gateway/config"
	"htgateway/telemetry"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/sqlite"
)

// openStore opens the series that a configuration names, to write.
func openStore(ctx context.Context, c config.Config) (telemetry.Store, error) {
	if c.Telemetry.Store == "influx" {
		i := c.Telemetry.Influx
		return influx.New(influx.Settings{URL: i.URL, Org: i.Org, Bucket: i.Bucket, Token: string(i.Token)})
	}
	return sqlite.Open(ctx, filepath.Join(c.Data.Dir, seriesFile))
}
