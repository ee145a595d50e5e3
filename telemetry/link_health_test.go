package telemetry_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/telemetrytest"
)

func TestLinksAreSampled(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := 0
	telemetry.SampleLinks(ctx, r.store, time.Millisecond, func() []telemetry.LinkSample {
		at := noon.Add(time.Duration(n) * time.Second)
		if n++; n == 4 {
			cancel() // what is read now is no longer stored
		}
		return []telemetry.LinkSample{
			{Link: "roof", Protocol: devices.Kenwood, At: at, Frames: int64(n), Connected: true, RSSIdBm: geo.Measured(-87)},
			{Link: "hill", Protocol: devices.APRS, At: at, Errors: 2},
		}
	}, slog.New(slog.DiscardHandler))
	got := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.LinkHealth, Tags: map[string]string{"link": "roof"}})
	if len(got) != 3 || got[2].Field("frames") != int64(3) || got[0].Field("rssi_dbm") != -87.0 || got[0].Field("connected") != true {
		t.Errorf("samples %v", got)
	}
	if hill := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.LinkHealth, Tags: map[string]string{"protocol": "aprs"}}); len(hill) != 3 || hill[0].Field("rssi_dbm") != nil {
		t.Errorf("samples %v", hill)
	}
}
