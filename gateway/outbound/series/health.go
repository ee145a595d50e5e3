package series

import (
	"context"
	"log/slog"
	"time"

	"htgateway/devices"
	"htgateway/gateway/status"
	"htgateway/geo"
	"htgateway/telemetry"
)

// sampleEvery is how often, in real time, the links' health goes to the series.
const sampleEvery = 15 * time.Second

// SampleLinks stores how the links among some parts stand, now and then until ctx ends.
func SampleLinks(ctx context.Context, store telemetry.Store, area string, parts status.Reporter, now func() time.Time, log *slog.Logger) {
	telemetry.SampleLinks(ctx, store, sampleEvery, func() []telemetry.LinkSample { return samples(area, parts, now()) }, log)
}

// samples are the links as they stand.
func samples(area string, parts status.Reporter, now time.Time) []telemetry.LinkSample {
	var out []telemetry.LinkSample
	for _, s := range parts.Status() {
		l := s.Ledger
		if l == nil {
			continue
		}
		sample := telemetry.LinkSample{
			Area: area, Link: s.ID, Protocol: devices.Protocol(s.Protocol), At: now, Connected: s.State == status.Up,
			Frames: int64(l.Received), Errors: int64(l.SetAside + l.Shed),
			Reports: int64(l.Stored), Duplicates: int64(l.Duplicates),
		}
		if l.RSSIdBm != 0 {
			sample.RSSIdBm = geo.Measured(l.RSSIdBm)
		}
		out = append(out, sample)
	}
	return out
}
