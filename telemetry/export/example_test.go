package export_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/export"
	"htgateway/telemetry/sqlite"
)

// A unit's way goes to any program that draws maps, and one unit's only.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	series, err := sqlite.Open(ctx, filepath.Join(dir, "series.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer series.Close()
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	for i, unit := range []string{"damkar-1", "psc-119-7", "damkar-1"} {
		err := series.Write(ctx, []telemetry.Point{{
			Measurement: telemetry.UnitFix, Time: at.Add(time.Duration(i) * time.Minute), Tags: []telemetry.Tag{{Key: "unit", Value: unit}},
			Fields: []telemetry.Field{{Key: "lat", Value: -6.8364 - float64(i)/1000}, {Key: "lon", Value: 108.2274}},
		}})
		if err != nil {
			fmt.Println(err)
		}
	}
	rows := export.FixesByUnit(ctx, series, export.Scope{Unit: "damkar-1"})
	if err := export.Write(os.Stdout, export.Fixes, export.GPX, rows, func(err error) error { return err }); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <gpx version="1.1" creator="htgateway" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ht="urn:htgateway:fix:1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
	// <trk><name>damkar-1</name><trkseg>
	// <trkpt lat="-6.8364" lon="108.2274"><time>2026-11-24T09:14:00Z</time></trkpt>
	// <trkpt lat="-6.8384" lon="108.2274"><time>2026-11-24T09:16:00Z</time></trkpt>
	// </trkseg></trk>
	// </gpx>
}
