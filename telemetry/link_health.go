package telemetry

import (
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// LinkSample is how one link stood at one moment. Counts are since the link was
// opened.
type LinkSample struct {
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
		Tags:        makeTags("link", s.Link, "protocol", string(s.Protocol)),
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
