package datadir

import (
	"context"

	"htgateway/gateway/config"
	"htgateway/gateway/state/updatelog"
	"htgateway/telemetry"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/sqlite"
)

// OpenUpdates opens the folder's update log, to write.
func (f Folder) OpenUpdates(ctx context.Context) (*updatelog.Log, error) {
	return updatelog.Open(ctx, f.Updates())
}

// ReadUpdates opens the folder's update log to read, also while a gateway writes it.
func (f Folder) ReadUpdates(ctx context.Context) (*updatelog.Reader, error) {
	return updatelog.OpenToRead(ctx, f.Updates())
}

// OpenSeries opens the time series that a configuration names, to write.
func OpenSeries(ctx context.Context, c config.Config) (telemetry.Store, error) {
	return openSeries(ctx, c, sqlite.Open)
}

// ReadSeries opens the time series that a configuration names, to read, also while a
// gateway writes them.
func ReadSeries(ctx context.Context, c config.Config) (telemetry.Store, error) {
	return openSeries(ctx, c, sqlite.OpenToRead)
}

func openSeries(ctx context.Context, c config.Config, openFile func(context.Context, string) (*sqlite.Store, error)) (telemetry.Store, error) {
	if c.Telemetry.Store == config.StoreInflux {
		store, err := Influx(c)
		if err != nil {
			return nil, err
		}
		return store, nil
	}
	store, err := openFile(ctx, Of(c).Series())
	if err != nil {
		return nil, err
	}
	return store, nil
}

// Influx is the InfluxDB bucket that a configuration names. It asks nothing of the server
// yet.
func Influx(c config.Config) (*influx.Store, error) {
	i := c.Telemetry.Influx
	return influx.New(influx.Settings{URL: i.URL, Org: i.Org, Bucket: i.Bucket, Token: string(i.Token), Area: c.ServiceArea()})
}
