package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/ops/retention"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
)

// Old tracks are thinned before they go, so that the last weeks can still be looked at;
// when a unit arrived stays for ever.
func ExampleJob_Once() {
	dir, err := os.MkdirTemp("", "retention")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, now := context.Background(), time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	series, err := sqlite.Open(ctx, filepath.Join(dir, "series.db"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer series.Close()
	point := func(measurement string, age time.Duration) telemetry.Point {
		return telemetry.Point{Measurement: measurement, Tags: []telemetry.Tag{{Key: "unit", Value: "damkar-1"}}, Fields: []telemetry.Field{{Key: "lat", Value: -6.83}}, Time: now.Add(-age)}
	}
	points := []telemetry.Point{point(telemetry.IncidentMilestone, 90*24*time.Hour)}
	for h := range 6 * 24 { // a fix each hour of six days
		points = append(points, point(telemetry.UnitFix, time.Duration(h)*time.Hour))
	}
	err = series.Write(ctx, points)
	job := retention.New(retention.Parts{
		Settings: retention.Settings{Fixes: 4 * 24 * time.Hour, ThinAfter: 2 * 24 * time.Hour, ThinTo: 12 * time.Hour},
		Series:   series, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Find: func(func(incident.Call) bool, int) []incident.Incident { return nil },
	})
	fmt.Println(job.Once(ctx), err)
	for _, measurement := range []string{telemetry.UnitFix, telemetry.IncidentMilestone} {
		days := map[int]int{}
		for p := range series.Points(ctx, telemetry.Query{Measurement: measurement}) {
			days[int(now.Sub(p.Time).Hours()/24)]++
		}
		fmt.Println(measurement, "by age in days", days)
	}
	// Output:
	// <nil> <nil>
	// unit_fix by age in days map[0:24 1:24 2:11 3:2 4:1]
	// incident_milestone by age in days map[90:1]
}
