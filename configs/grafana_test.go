package configs_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"go.yaml.in/yaml/v3"

	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/influx"
	"htgateway/telemetry/influx/influxtest"
	"htgateway/telemetry/sqlite"
)

// dashboard is what the tests read of a dashboard.
type dashboard struct {
	UID    string
	Panels []struct {
		Title       string
		Datasource  source
		FieldConfig struct {
			Overrides []struct {
				Matcher struct{ ID, Options string }
			}
		}
		Options struct {
			Layers []struct {
				Location struct{ Latitude, Longitude string }
			}
		}
		Targets []struct {
			Datasource  source
			QueryText   string
			TimeColumns []string
			Query       string
		}
	}
}

type source struct{ Type, UID string }

// query is one query of one panel, with the fields that the panel shows.
type query struct {
	panel, text, source string
	fields              []string
}

func queries(t *testing.T, store string) []query {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("grafana", "dashboards", store, "*.json"))
	if err != nil || len(files) != 3 {
		t.Fatalf("dashboards %v: %v", files, err)
	}
	var out []query
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, p := range d.Panels {
			var fields []string
			for _, o := range p.FieldConfig.Overrides {
				if o.Matcher.ID != "byName" {
					t.Errorf("%s, %s: matches by %s", file, p.Title, o.Matcher.ID)
				}
				fields = append(fields, o.Matcher.Options)
			}
			for _, l := range p.Options.Layers {
				fields = append(fields, l.Location.Latitude, l.Location.Longitude)
			}
			if len(p.Targets) == 0 || len(fields) == 0 {
				t.Errorf("%s, %s: no query or no fields", file, p.Title)
			}
			for _, target := range p.Targets {
				if target.Datasource != p.Datasource {
					t.Errorf("%s, %s: two sources", file, p.Title)
				}
				out = append(out, query{
					panel: d.UID + ": " + p.Title, text: target.QueryText + target.Query, source: target.Datasource.UID,
					fields: slices.Concat(fields, target.TimeColumns),
				})
			}
		}
	}
	return out
}

// evening is when the known points stand, between the bounds of every query.
var (
	evening = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	from    = evening.Add(-6 * time.Hour)
	to      = evening.Add(6 * time.Hour)
)

const each = time.Minute

// known are points of every measurement: ten arrivals after 100, 200 … 1000 s,
// eight of them within the limit, one that was corrected and one that contradicts
// itself; a fix and a key that turned out to be another unit's.
func known() []telemetry.Point {
	tags := func(pairs ...string) []telemetry.Tag {
		var out []telemetry.Tag
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, telemetry.Tag{Key: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	var out []telemetry.Point
	for i := range 12 {
		id, at, seconds := fmt.Sprintf("i%02d", i), evening.Add(time.Duration(i)*time.Minute), float64(100*(i+1))
		out = append(out,
			telemetry.Point{Measurement: telemetry.ResponseInterval, Time: at,
				Tags: tags("agency", "Damkar", "category", "fire", "district", "Kadipaten", "incident", id, "interval", "response", "unit", "damkar-1"),
				Fields: []telemetry.Field{{Key: "seconds", Value: seconds}, {Key: "limit_s", Value: 800.0}, {Key: "within", Value: seconds <= 800},
					{Key: telemetry.ContradictoryField, Value: i == 11}, {Key: telemetry.SupersededField, Value: i == 10}, {Key: telemetry.CorrectedField, Value: false}}},
			telemetry.Point{Measurement: telemetry.IncidentMilestone, Time: at,
				Tags:   tags("agency", "Damkar", "category", "fire", "district", "Kadipaten", "evidence", "key", "incident", id, "milestone", "on_scene", "unit", "damkar-1"),
				Fields: []telemetry.Field{{Key: "report", Value: "r" + id}, {Key: "offset_s", Value: seconds}, {Key: telemetry.SupersededField, Value: i == 10}}},
			telemetry.Point{Measurement: telemetry.IncidentMilestone, Time: at.Add(-time.Hour),
				Tags:   tags("category", "fire", "district", "Kadipaten", "evidence", "dispatcher", "incident", id, "milestone", "received"),
				Fields: []telemetry.Field{{Key: "report", Value: "a" + id}, {Key: "offset_s", Value: 0.0}, {Key: telemetry.SupersededField, Value: false}}},
			telemetry.Point{Measurement: telemetry.UnitFix, Time: at, Tags: tags("agency", "Damkar", "link", "roof", "protocol", "kenwood", "unit", "damkar-1"),
				Fields: []telemetry.Field{{Key: "lat", Value: -6.8 - float64(i)/1000}, {Key: "lon", Value: 108.2}, {Key: "report", Value: "r" + id}}},
			telemetry.Point{Measurement: telemetry.UnitStatus, Time: at, Tags: tags("agency", "Damkar", "link", "roof", "protocol", "kenwood", "status", "on_scene", "unit", "damkar-1"),
				Fields: []telemetry.Field{{Key: "code", Value: "13"}, {Key: "report", Value: "r" + id}}},
			telemetry.LinkSample{Link: "roof", Protocol: "kenwood", At: at, Frames: int64(30 * i), Errors: int64(i), Reports: int64(20 * i), Duplicates: 1,
				RSSIdBm: geo.Measured(-80 - float64(i)), Connected: true}.Point())
	}
	late := evening.Add(12 * time.Minute) // what turned out to be another unit's
	return append(out,
		telemetry.Point{Measurement: telemetry.UnitFix, Time: late, Tags: tags("agency", "Damkar", "link", "roof", "protocol", "kenwood", "unit", "damkar-1"),
			Fields: []telemetry.Field{{Key: "lat", Value: -6.9}, {Key: "lon", Value: 108.2}, {Key: "report", Value: "late"}, {Key: telemetry.SupersededField, Value: true}}},
		telemetry.Point{Measurement: telemetry.UnitStatus, Time: late, Tags: tags("agency", "Damkar", "link", "roof", "protocol", "kenwood", "status", "on_scene", "unit", "damkar-1"),
			Fields: []telemetry.Field{{Key: "code", Value: "99"}, {Key: "report", Value: "late key"}, {Key: telemetry.SupersededField, Value: true}}})
}

// rows are what a query answers.
type rows []map[string]any

// held holds an answer against what the panel shows and, where it is known, what
// it must be.
func held(t *testing.T, q query, got rows) {
	t.Helper()
	if len(got) == 0 {
		t.Errorf("%s: no rows", q.panel)
		return
	}
	for _, field := range q.fields {
		if !slices.ContainsFunc(got, func(row map[string]any) bool { return row[field] != nil }) {
			t.Errorf("%s: no row has %q: %v", q.panel, field, got[0])
		}
	}
	for text, want := range map[string]map[string]float64{
		"Within the limit, by clock": {"n": 10, "share": 0.8}, "Compliance by category": {"n": 10, "share": 0.8},
		"Compliance by day": {"share": 0.8}, "Median and 90th percentile": {"n": 10, "median_s": 550, "p90_s": 900},
		"Unit positions": {"lat": -6.811}, "Frames a minute": {"frames": 30, "errors": 1}, "Links now": {"frames": 330},
		"Calls each hour": {"incidents": 12},
	} {
		if !strings.HasSuffix(q.panel, text) {
			continue
		}
		for field, value := range want {
			is, err := strconv.ParseFloat(fmt.Sprint(got[0][field]), 64)
			if err != nil || math.Abs(is-value) > 1e-9 {
				t.Errorf("%s: %s is %v, not %v", q.panel, field, got[0][field], value)
			}
		}
	}
}

// TestEveryQueryOnSQLite runs what the SQLite data source would run: Grafana puts
// numbers in the place of its global variables.
// https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables
func TestEveryQueryOnSQLite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "series.db")
	store, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Write(t.Context(), known()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro") // as the data source opens it
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	variables := strings.NewReplacer("$__from", fmt.Sprint(from.UnixMilli()), "$__to", fmt.Sprint(to.UnixMilli()), "$__interval_ms", fmt.Sprint(each.Milliseconds()))
	for _, q := range queries(t, "sqlite") {
		got, err := selected(t.Context(), db, variables.Replace(q.text))
		if err != nil {
			t.Errorf("%s: %v\n%s", q.panel, err, q.text)
			continue
		}
		held(t, q, got)
	}
}

func selected(ctx context.Context, db *sql.DB, text string) (rows, error) {
	answer, err := db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	names, err := answer.Columns()
	if err != nil {
		return nil, err
	}
	var out rows
	for answer.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := answer.Scan(into...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i]
		}
		out = append(out, row)
	}
	return out, answer.Err()
}

// TestEveryQueryOnInfluxDB runs what the InfluxDB data source would run on a real
// server: it puts values in the place of Flux's v.timeRangeStart and the like.
// https://grafana.com/docs/grafana/latest/datasources/influxdb/query-editor/
func TestEveryQueryOnInfluxDB(t *testing.T) {
	t.Parallel()
	server := influxtest.Start(t)
	bucket := server.Bucket(t)
	store, err := influx.New(influx.Settings{URL: server.URL, Org: "htgateway", Bucket: bucket})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Write(t.Context(), known()); err != nil {
		t.Fatal(err)
	}
	client := influxdb2.NewClient(server.URL, "")
	defer client.Close()
	variables := strings.NewReplacer(
		"v.timeRangeStart", from.Format(time.RFC3339Nano), "v.timeRangeStop", to.Format(time.RFC3339Nano),
		"v.windowPeriod", each.String(), "v.defaultBucket", strconv.Quote(bucket))
	for _, q := range queries(t, "influx") {
		answer, err := client.QueryAPI("htgateway").Query(t.Context(), variables.Replace(q.text))
		if err != nil {
			t.Errorf("%s: %v\n%s", q.panel, err, q.text)
			continue
		}
		var got rows
		for answer.Next() {
			got = append(got, answer.Record().Values())
		}
		if err := answer.Err(); err != nil {
			t.Errorf("%s: %v\n%s", q.panel, err, q.text)
			continue
		}
		held(t, q, got)
	}
}

// TestProvisioningNamesTheSources that the panels ask.
func TestProvisioningNamesTheSources(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("grafana", "provisioning", "datasources", "htgateway.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Datasources []source `yaml:"datasources"`
	}
	if err := yaml.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{"sqlite", "influx"} {
		for _, q := range queries(t, store) {
			if !slices.ContainsFunc(p.Datasources, func(s source) bool { return s.UID == q.source }) {
				t.Errorf("%s asks %q, which is not provisioned", q.panel, q.source)
			}
		}
	}
}
