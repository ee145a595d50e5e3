package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
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

// findSite reads the configuration that was named, or the one that a data directory
// holds, such as a demo's; false when the directory holds none.
func findSite(dataDir, configFile string) (config.Config, bool, error) {
	if configFile == "" {
		configFile = filepath.Join(dataDir, "htgateway.yaml")
		if _, err := os.Stat(configFile); errors.Is(err, fs.ErrNotExist) {
			return config.Config{}, false, nil
		}
	}
	c, err := config.Load(configFile)
	return c, err == nil, err
}
