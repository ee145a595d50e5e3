package measures

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/sitetest"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/analysis"
	"htgateway/telemetry/analysis/report"
	"htgateway/telemetry/sqlite"
)

var (
	yearIncidents = flag.Int("year.incidents", 300, "incidents of the generated year that reports are held against SQL with")
	yearFixes     = flag.Int("year.fixes", 6000, "its fixes")
	yearSeed      = flag.String("year.seed", "7", "its seed")
	yearData      = flag.String("year.data", "", "a folder that simulate --fast has filled so already")
)

// sqlFigures computes a report's figures from the points alone: with SQL, and not
// with any of the code that the report is made by.
const sqlFigures = `
WITH v AS (SELECT %s g, tags ->> '$.interval' i, fields ->> '$.seconds' s, coalesce(fields ->> '$.limit_s' > 0, 0) judged, coalesce(fields ->> '$.limit_s' > 0 AND fields ->> '$.within', 0) kept,
	gone, fields ->> '$.contradictory' odd, fields ->> '$.corrected' corrected, NOT gone AND NOT fields ->> '$.contradictory' counts
	FROM p JOIN call ON id = tags ->> '$.incident' WHERE m = 'response_interval' AND at_s >= ? AND at_s < ?),
r AS (SELECT *, row_number() OVER (PARTITION BY g, i, counts ORDER BY s) k, count(*) OVER (PARTITION BY g, i, counts) n FROM v)
SELECT g, i, max(n) FILTER (WHERE counts), avg(s) FILTER (WHERE counts AND k IN ((n + 1) / 2, (n + 2) / 2)), max(s) FILTER (WHERE counts AND k = (90 * n + 99) / 100),
	min(s) FILTER (WHERE counts), max(s) FILTER (WHERE counts), sum(judged) FILTER (WHERE counts), sum(kept) FILTER (WHERE counts),
	sum(gone OR counts AND corrected), sum(NOT gone AND odd) FROM r GROUP BY g, i HAVING sum(counts) > 0`

// plainPoints are the points, with their tags as one object, and the calls.
var plainPoints = []string{
	`CREATE TEMP TABLE p AS SELECT m.name m, p.time at, p.superseded gone, p.fields,
	(SELECT json_group_object(value ->> '$[0]', value ->> '$[1]') FROM json_each(s.tags)) tags
	FROM points p JOIN series s ON s.id = p.series JOIN measurements m ON m.id = p.measurement WHERE m.name IN ('incident_milestone', 'response_interval')`,
	`CREATE TEMP TABLE call AS SELECT tags ->> '$.incident' id, min(at) / 1000000000 at_s, min(at) / 1000000000 + 7 * 3600 local_s
	FROM p WHERE m = 'incident_milestone' AND NOT gone AND tags ->> '$.milestone' = 'received' GROUP BY 1`,
	`CREATE UNIQUE INDEX temp.calls ON call (id)`,
}

// TestYearReportsEqualSQL makes a year and holds every figure of every report of it
// against SQL, to the second. The whole year: -run YearReports -year.incidents 100000
// -year.fixes 10000000, and -year.data and -year.seed 112 for one that is made already.
func TestYearReportsEqualSQL(t *testing.T) {
	t.Parallel()
	dir := *yearData
	if dir == "" {
		dir = t.TempDir()
		var out bytes.Buffer
		if code := sitetest.Run(t.Context(), t, []string{"simulate", "--fast", "--data", dir, "--incidents", fmt.Sprint(*yearIncidents), "--fixes", fmt.Sprint(*yearFixes), "--seed", *yearSeed}, nil, &out, &out); code != sitetest.ExitDone {
			t.Fatalf("exit %d: %s", code, &out)
		}
	}
	store, err := sqlite.OpenToRead(t.Context(), filepath.Join(dir, datadir.Series))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if n, err := store.Count(t.Context(), telemetry.Query{Measurement: telemetry.UnitFix}); err != nil || n != int64(*yearFixes) {
		t.Errorf("%d fixes, %v", n, err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, datadir.Series))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // the temporary tables are of one connection
	for _, statement := range plainPoints {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	day := func(month time.Month) time.Time { return time.Date(2025, month, 1, 0, 0, 0, 0, geo.WIB()) }
	tag := func(name string) string { return "coalesce(tags ->> '$." + name + "', '')" }
	local := func(format string) string { return "strftime('" + format + "', local_s, 'unixepoch')" }
	for by, group := range map[analysis.By]string{
		analysis.ByCategory: tag("category"), analysis.ByAgency: tag("agency"), analysis.ByUnit: tag("unit"), analysis.ByDistrict: tag("district"),
		analysis.ByHour: local("%H"), analysis.ByWeekday: local("%w"), analysis.ByMonth: local("%Y-%m"),
	} {
		made := yearReport(t, store, report.Ask{Options: analysis.Options{By: by}})
		if made.Incidents+made.Duplicates+made.Cancelled != *yearIncidents {
			t.Errorf("by %s: %d incidents", by, made.Incidents)
		}
		same(t, string(by), rowFigures(made.Figures.Rows), figuresBySQL(t, db, group, day(1), day(13)))
		if by == analysis.ByMonth {
			continue
		}
		// Two periods side by side.
		made = yearReport(t, store, report.Ask{Options: analysis.Options{By: by}, Scope: analysis.Scope{From: day(7), To: day(10)}, OtherFrom: day(1), OtherTo: day(7)})
		var now, then []analysis.Row
		for _, change := range made.Comparison.Rows {
			now, then = append(now, change.Now), append(then, change.Then)
		}
		same(t, string(by)+" now", rowFigures(now), figuresBySQL(t, db, group, day(7), day(10)))
		same(t, string(by)+" then", rowFigures(then), figuresBySQL(t, db, group, day(1), day(7)))
	}
	// Of those that are open all have been so for longer than the whole flow may take.
	var open, counted, cancelled, duplicates int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*), (SELECT count(*) FROM p WHERE NOT gone AND tags ->> '$.milestone' = 'cancelled'),
		(SELECT count(*) FROM p WHERE NOT gone AND tags ->> '$.milestone' = 'merged') FROM call`).Scan(&counted, &cancelled, &duplicates); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM call WHERE id NOT IN (
		SELECT tags ->> '$.incident' FROM p WHERE m = 'incident_milestone' AND NOT gone AND tags ->> '$.milestone' = 'closed')`).Scan(&open); err != nil {
		t.Fatal(err)
	}
	made := yearReport(t, store, report.Ask{Options: analysis.Options{Now: day(13).AddDate(0, 0, 2)}})
	over := 0
	for _, r := range made.Figures.Rows {
		if r.Interval == sop.IntervalName(sop.WholeFlow) {
			over += r.OpenOver
		}
	}
	if made.Incidents != counted || made.Cancelled != cancelled || made.Duplicates != duplicates || cancelled == 0 {
		t.Errorf("%d incidents, %d duplicates, %d cancelled, by SQL %d, %d, %d", made.Incidents, made.Duplicates, made.Cancelled, counted, duplicates, cancelled)
	}
	if made.Open != open || over != open {
		t.Errorf("%d open and %d over, by SQL %d", made.Open, over, open)
	}
}

// yearReport makes a report and reads it back from its JSON, which has the figures
// that its CSV has.
func yearReport(t *testing.T, store telemetry.Source, ask report.Ask) report.Report {
	t.Helper()
	ask.Options.Plan = sop.DefaultPlan()
	began := time.Now()
	made, err := report.Make(t.Context(), store, ask)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("by %s: %d rows in %s", made.By, len(made.Figures.Rows), time.Since(began).Round(time.Millisecond))
	var asJSON, asCSV bytes.Buffer
	if err := errors.Join(report.Write(&asJSON, "json", made, report.Options{Zone: geo.WIB()}), report.Write(&asCSV, "csv", made, report.Options{Zone: geo.WIB()})); err != nil {
		t.Fatal(err)
	}
	var read report.Report
	if err := json.Unmarshal(asJSON.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&asCSV).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := read.Figures.Rows
	if read.Comparison != nil {
		rows = nil
		for _, change := range read.Comparison.Rows {
			rows = append(rows, change.Now)
		}
	}
	if len(lines) != len(rows)+1 {
		t.Fatalf("by %s: %d rows in JSON, %d lines in CSV", made.By, len(rows), len(lines))
	}
	for i, r := range rows {
		number := func(v *float64) string {
			if v == nil {
				return ""
			}
			return strconv.FormatFloat(*v, 'f', -1, 64)
		}
		want := []string{r.Group, string(r.Interval), strconv.Itoa(r.Count), number(r.MedianS), number(r.P90S), number(r.MinS), number(r.MaxS)}
		if got := lines[i+1][1:8]; !slices.Equal(got, want) {
			t.Errorf("by %s: CSV %q, JSON %q", made.By, got, want)
		}
	}
	return read
}

// rowFigures are those of rows that have values, weekdays by the number that SQL
// gives them.
func rowFigures(rows []analysis.Row) map[string]string {
	out := map[string]string{}
	for _, r := range rows {
		if r.Count == 0 {
			continue
		}
		group := r.Group
		for d := range time.Saturday + 1 {
			if d.String() == group {
				group = strconv.Itoa(int(d))
			}
		}
		out[group+" "+string(r.Interval)] = fmt.Sprintf("n %d median %.0f p90 %.0f from %.0f to %.0f judged %d within %d corrected %d contradictory %d unsure %d",
			r.Count, *r.MedianS, *r.P90S, *r.MinS, *r.MaxS, r.Judged, r.Within, r.LeftOut[analysis.Corrected], r.LeftOut[analysis.Contradictory], r.LeftOut[analysis.ClockUnsure])
	}
	return out
}

func figuresBySQL(t *testing.T, db *sql.DB, group string, from, to time.Time) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), fmt.Sprintf(sqlFigures, group), from.Unix(), to.Unix())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var g, i string
		var n, judged, kept, corrected, odd int
		var median, p90, least, most float64
		if err := rows.Scan(&g, &i, &n, &median, &p90, &least, &most, &judged, &kept, &corrected, &odd); err != nil {
			t.Fatal(err)
		}
		out[g+" "+i] = fmt.Sprintf("n %d median %.0f p90 %.0f from %.0f to %.0f judged %d within %d corrected %d contradictory %d unsure 0",
			n, median, p90, least, most, judged, kept, corrected, odd)
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
