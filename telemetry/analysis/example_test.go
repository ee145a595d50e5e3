package analysis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/sqlite"
)

// points are what one unit's way to one incident leaves in the series, arrived so long
// after the call; zero for a unit whose arrival nobody recorded.
func points(id string, call time.Time, arrived time.Duration) []telemetry.Point {
	u := incident.Update{Incident: id, Category: "fire", District: "Kadipaten", ReceivedAt: call, Kind: incident.UpdateMilestone}
	u.Milestone = &incident.Milestone{Name: incident.Received, At: call, Evidence: incident.ByDispatcher}
	out := telemetry.Points(u)
	u.Milestone = &incident.Milestone{Name: incident.Closed, At: call.Add(time.Hour), Evidence: incident.ByDispatcher}
	out = append(out, telemetry.Points(u)...)
	u.Unit, u.Agency = "damkar-1", "damkar"
	u.Milestone = &incident.Milestone{Name: incident.Dispatched, Unit: u.Unit, At: call.Add(time.Minute), Evidence: incident.ByDispatcher}
	out = append(out, telemetry.Points(u)...)
	if arrived > 0 {
		u.Milestone = &incident.Milestone{Name: incident.OnScene, Unit: u.Unit, At: call.Add(arrived), Evidence: incident.ByKey}
		out = append(out, telemetry.Points(u)...)
		u.Kind, u.Interval = incident.UpdateInterval, &sop.Interval{Name: sop.Response, Unit: u.Unit, From: call, To: call.Add(arrived), LimitS: 600, Within: arrived <= 10*time.Minute}
		out = append(out, telemetry.Points(u)...)
	}
	return out
}

// A key that nobody pressed makes no response look fast: it is left out and counted as
// left out, with the reason.
func ExampleReadSurvey() {
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
	november := time.Date(2026, 11, 1, 0, 0, 0, 0, geo.WIB())
	for i, arrived := range []time.Duration{8 * time.Minute, 12 * time.Minute, 9 * time.Minute, 0} {
		err = errors.Join(err, series.Write(ctx, points(fmt.Sprint("i", i), november.AddDate(0, 0, i), arrived)))
	}
	survey, readErr := analysis.ReadSurvey(ctx, series, analysis.Scope{From: november, To: november.AddDate(0, 1, 0)}, analysis.Options{By: analysis.ByAgency, Zone: geo.WIB()}, false)
	if err := errors.Join(err, readErr); err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range survey.Figures[0].Rows {
		if r.Interval == sop.Response {
			fmt.Println(r.Group, r.Count, "values, median", *r.MedianS/60, "min,", r.Within, "of", r.Judged, "within, left out", r.LeftOut)
		}
	}
	// Output: damkar 3 values, median 9 min, 2 of 3 within, left out map[no_end:1]
}
