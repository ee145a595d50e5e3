package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

// What is written twice after a restart stands in the series once, and tracks that are
// too old can be forgotten.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "series.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	at := time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	var track []telemetry.Point
	for i := range 3 {
		track = append(track, telemetry.Point{
			Measurement: telemetry.UnitFix, Time: at.AddDate(0, 0, i), Tags: []telemetry.Tag{{Key: "unit", Value: "damkar-1"}},
			Fields: []telemetry.Field{{Key: "lat", Value: -6.8364}, {Key: "lon", Value: 108.2274}},
		})
	}
	fmt.Println(store.Write(ctx, track[:2]), store.Write(ctx, track))
	fmt.Println(store.Forget(ctx, telemetry.UnitFix, at.AddDate(0, 0, 1)))
	for p, err := range store.Points(ctx, telemetry.Query{Measurement: telemetry.UnitFix}) {
		fmt.Println(p.Time.Format(time.DateOnly), p.Tag("unit"), p.Field("lat"), err)
	}
	// Output:
	// <nil> <nil>
	// 1 <nil>
	// 2026-11-25 damkar-1 -6.8364 <nil>
	// 2026-11-26 damkar-1 -6.8364 <nil>
}
