package main

import (
	"context"
	"path/filepath"
	"time"

	"htgateway/gateway/config"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
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

// intervalFigures computes response times for the API, in the county's time.
func intervalFigures(ctx context.Context, s telemetry.Store, _ config.Config, from, to time.Time, by string) (any, error) {
	record, err := analysis.Read(ctx, s, from, to)
	if err != nil {
		return nil, err
	}
	return record.Figures(analysis.By(by), analysis.WIB())
}
