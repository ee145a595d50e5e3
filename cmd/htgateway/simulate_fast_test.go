package main

import (
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sop"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
	"htgateway/telemetry/sqlite"
)

var (
	yearIncidents = flag.Int("year.incidents", 300, "incidents of the generated year that reports are held against SQL with")
	yearFixes     = flag.Int("year.fixes", 6000, "its fixes")
	yearSeed      = flag.String("year.seed", "7", "its seed")
)

// sqlFigures computes a report's figures from the points alone: with SQL, and not
// with any of the code that the report is made by.
const sqlFigures = `
WITH call AS (SELECT tags ->> '$.incident' id, min(at) at FROM p WHERE m = 'incident_milestone' AND tags ->> '$.milestone' = 'received' GROUP BY 1),
local AS (SELECT id, at / 1000000000 + 7 * 3600 s FROM call),
v AS (SELECT %s g, tags ->> '$.interval' i, fields ->> '$.seconds' s, fields ->> '$.limit_s' > 0 judged, fields ->> '$.limit_s' > 0 AND fields ->> '$.within' kept
	FROM p JOIN local ON local.id = tags ->> '$.incident' WHERE m = 'response_interval' AND NOT fields ->> '$.contradictory'),
r AS (SELECT *, row_number() OVER (PARTITION BY g, i ORDER BY s) k, count(*) OVER (PARTITION BY g, i) n FROM v)
SELECT g, i, n, avg(s) FILTER (WHERE k IN ((n + 1) / 2, (n + 2) / 2)), max(s) FILTER (WHERE k = (90 * n + 99) / 100), sum(judged), sum(kept) FROM r GROUP BY g, i`

// plainPoints are the points that count, with their tags as one object.
const plainPoints = `CREATE TEMP TABLE p AS SELECT m.name m, p.time at, p.fields,
	(SELECT json_group_object(value ->> '$[0]', value ->> '$[1]') FROM json_each(s.tags)) tags
	FROM points p JOIN series s ON s.id = p.series JOIN measurements m ON m.id = p.measurement WHERE NOT p.superseded AND m.name IN ('incident_milestone', 'response_interval')`

// TestYearReportsEqualSQL makes a year and holds every figure of every report of it
// against SQL. The whole year: -run YearReports -year.incidents 100000 -year.fixes 10000000.
func TestYearReportsEqualSQL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	cmd := newSimulateCommand()
	cmd.SetArgs([]string{"--fast", "--data", dir, "--incidents", fmt.Sprint(*yearIncidents), "--fixes", fmt.Sprint(*yearFixes), "--seed", *yearSeed})
	cmd.SetOut(&out)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.OpenToRead(t.Context(), filepath.Join(dir, seriesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if n, err := store.Count(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}); err != nil || n != int64(*yearFixes) {
		t.Errorf("%d fixes, %v", n, err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, seriesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the temporary table is of one connection
	if _, err := db.ExecContext(t.Context(), plainPoints); err != nil {
		t.Fatal(err)
	}
	tag := func(name string) string { return "coalesce(tags ->> '$." + name + "', '')" }
	local := func(format string) string { return "strftime('" + format + "', local.s, 'unixepoch')" }
	for by, group := range map[analysis.By]string{
		analysis.ByCategory: tag("category"), analysis.ByAgency: tag("agency"), analysis.ByUnit: tag("unit"), analysis.ByDistrict: tag("district"),
		analysis.ByHour: local("%H"), analysis.ByWeekday: local("%w"), analysis.ByMonth: local("%Y-%m"),
	} {
		began := time.Now()
		made, err := report.Make(t.Context(), store, report.Ask{Options: analysis.Options{By: by, Plan: sop.DefaultPlan()}})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("by %s: %d rows in %s", by, len(made.Rows), time.Since(began).Round(time.Millisecond))
		if made.Incidents != *yearIncidents {
			t.Errorf("by %s: %d incidents", by, made.Incidents)
		}
		got := map[string]string{}
		for _, r := range made.Rows {
			if r.Count == 0 {
				continue
			}
			group := r.Group
			if by == analysis.ByWeekday {
				group = fmt.Sprint(slices.IndexFunc([]time.Weekday{0, 1, 2, 3, 4, 5, 6}, func(d time.Weekday) bool { return d.String() == group }))
			}
			got[group+" "+string(r.Interval)] = fmt.Sprintf("n %d median %.0f p90 %.0f judged %d within %d", r.Count, *r.MedianS, *r.P90S, r.Judged, r.Within)
		}
		same(t, string(by), got, figuresBySQL(t, db, group))
	}
}

func figuresBySQL(t *testing.T, db *sql.DB, group string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf(sqlFigures, group))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var g, i string
		var n, judged, kept int
		var median, p90 float64
		if err := rows.Scan(&g, &i, &n, &median, &p90, &judged, &kept); err != nil {
			t.Fatal(err)
		}
		out[g+" "+i] = fmt.Sprintf("n %d median %.0f p90 %.0f judged %d within %d", n, median, p90, judged, kept)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if len(want) < 7 {
		t.Fatalf("by %s: SQL gave %d rows", what, len(want))
	}
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if got[key] != want[key] {
			wrong = append(wrong, fmt.Sprintf("%s: %q, by SQL %q", key, got[key], want[key]))
		}
	}
	if len(wrong) > 0 || len(got) != len(want) {
		t.Errorf("by %s: %d rows, by SQL %d; %d differ:\n%s", what, len(got), len(want), len(wrong), strings.Join(wrong[:min(10, len(wrong))], "\n"))
	}
}
