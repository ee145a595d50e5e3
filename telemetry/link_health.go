package telemetry

import (
	"context"
	"log/slog"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// LinkSample is how one link stood at one moment. Counts are since the link was
// opened.
type LinkSample struct {
	// Area is the service area.
	Area     string
	Link     string
	Protocol devices.Protocol
	At       time.Time

	Frames, Errors, Reports, Duplicates int64
	// RSSIdBm is the signal of the last report, in dBm.
	RSSIdBm   geo.Reading
	Connected bool
}

// Point is the sample as a point of [LinkHealth].
func (s LinkSample) Point() Point {
	p := Point{
		Measurement: LinkHealth,
		Tags:        makeTags(areaTag, s.Area, "link", s.Link, "protocol", string(s.Protocol)),
		Time:        s.At.UTC(),
		Fields: []Field{
			{"frames", s.Frames}, {"errors", s.Errors}, {"reports", s.Reports},
			{"duplicates", s.Duplicates}, {"connected", s.Connected},
		},
	}
	if dbm, known := s.RSSIdBm.Value(); known {
		p.Fields = append(p.Fields, Field{"rssi_dbm", dbm})
	}
	return p
}

// SampleLinks stores how the links stand, at once and then at each interval,
// until ctx ends. A sample says how things were at its moment only, so one that
// the store does not take is logged and not tried again.
func SampleLinks(ctx context.Context, store Store, every time.Duration, read func() []LinkSample, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		samples := read()
		points := make([]Point, len(samples))
		for i, s := range samples {
			points[i] = s.Point()
		}
		if err := store.Write(ctx, points); err != nil && ctx.Err() == nil {
			log.LogAttrs(ctx, slog.LevelWarn, "link samples are not stored", slog.Any("reason", err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
