package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"htgateway/gateway/journal"
	"htgateway/telemetry"
	"htgateway/telemetry/export"
	"htgateway/telemetry/sqlite"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 123456789, time.UTC)

func fix(unit string, after time.Duration, lat float64, more ...telemetry.Field) telemetry.Point {
	return telemetry.Point{
		Measurement: telemetry.UnitFix, Time: noon.Add(after),
		Tags:   []telemetry.Tag{{Key: "agency", Value: "=Damkar & <PMI>"}, {Key: "link", Value: "roof"}, {Key: "unit", Value: unit}},
		Fields: append([]telemetry.Field{{Key: "lat", Value: lat}, {Key: "lon", Value: -108.25}, {Key: "report", Value: "r1"}}, more...),
	}
}

func interval(seconds float64, superseded bool) telemetry.Point {
	return telemetry.Point{
		Measurement: telemetry.ResponseInterval, Time: noon.Add(time.Duration(seconds) * time.Second),
		Tags:   []telemetry.Tag{{Key: "incident", Value: "i1"}, {Key: "interval", Value: "response"}, {Key: "unit", Value: "damkar-1"}},
		Fields: []telemetry.Field{{Key: "seconds", Value: seconds}, {Key: "within", Value: true}, {Key: telemetry.SupersededField, Value: superseded}},
	}
}

// series is a real store: fixes of two units between one another, one with a gap, and
// an interval that was corrected.
func series(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "series.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	err = s.Write(t.Context(), []telemetry.Point{
		fix("psc-1", 0, -6.8, telemetry.Field{Key: "altitude_m", Value: 141.5}, telemetry.Field{Key: "speed_mps", Value: 9.25}),
		fix("damkar-1", time.Second, -6.81),
		fix("psc-1", 2*time.Second, -6.82, telemetry.Field{Key: "device", Value: "field:a<b"}),
		fix("psc-1", time.Hour, -6.83),
		interval(600, true), interval(500, false),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, w export.What, f export.Format, rows iter.Seq2[export.Row, error]) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := export.Write(&out, w, f, rows, func(err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestCSV(t *testing.T) {
	t.Parallel()
	text := write(t, export.Fixes, export.CSV, export.FromSeries(t.Context(), series(t), export.Fixes, export.Scope{Unit: "psc-1", To: noon.Add(time.Hour)}))
	got, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %q", err, text)
	}
	row := map[string]string{}
	for i, name := range got[0] {
		row[name] = got[1][i]
	}
	for name, want := range map[string]string{
		"time": "2026-11-23T05:00:00.123456789Z", "unit": "psc-1", "agency": "'=Damkar & <PMI>", "lat": "-6.8", "lon": "-108.25",
		"altitude_m": "141.5", "accuracy_m": "", "report": "r1", "incident": "",
	} {
		if row[name] != want {
			t.Errorf("%s: got %q, want %q", name, row[name], want)
		}
	}
}

func TestCorrectedValuesAreMarked(t *testing.T) {
	t.Parallel()
	text := write(t, export.Intervals, export.JSONL, export.FromSeries(t.Context(), series(t), export.Intervals, export.Scope{}))
	got := map[float64]bool{}
	for line := range strings.Lines(string(text)) {
		var v struct {
			Time       time.Time `json:"time"`
			Incident   string    `json:"incident"`
			Seconds    float64   `json:"seconds"`
			Superseded *bool     `json:"superseded"`
		}
		d := json.NewDecoder(strings.NewReader(line))
		if err := d.Decode(&v); err != nil || v.Superseded == nil || v.Incident != "i1" || !v.Time.Equal(noon.Add(time.Duration(v.Seconds)*time.Second)) {
			t.Fatalf("%v: %s", err, line)
		}
		got[v.Seconds] = *v.Superseded
	}
	if len(got) != 2 || !got[600] || got[500] {
		t.Errorf("superseded: %v", got)
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	type fixRow struct {
		Time     time.Time `parquet:"time,timestamp(nanosecond)"`
		Unit     *string   `parquet:"unit,optional"`
		Lat      float64   `parquet:"lat"`
		Altitude *float64  `parquet:"altitude_m,optional"`
		Report   *string   `parquet:"report,optional"`
	}
	file := write(t, export.Fixes, export.Parquet, export.FromSeries(t.Context(), series(t), export.Fixes, export.Scope{}))
	rows, err := parquet.Read[fixRow](bytes.NewReader(file), int64(len(file)))
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v, %d rows", err, len(rows))
	}
	if r := rows[0]; !r.Time.Equal(noon) || *r.Unit != "psc-1" || r.Lat != -6.8 || *r.Altitude != 141.5 || *r.Report != "r1" {
		t.Errorf("first: %+v", r)
	}
	if r := rows[1]; *r.Unit != "damkar-1" || r.Altitude != nil {
		t.Errorf("second: %+v", r)
	}
	open, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if names := fmt.Sprint(open.Schema().Columns()[:3]); names != "[[time] [unit] [agency]]" {
		t.Errorf("columns begin with %s", names)
	}
}

func TestGeoJSON(t *testing.T) {
	t.Parallel()
	s := series(t)
	got, err := geojson.UnmarshalFeatureCollection(write(t, export.Fixes, export.GeoJSON, export.FromSeries(t.Context(), s, export.Fixes, export.Scope{})))
	if err != nil || len(got.Features) != 4 {
		t.Fatalf("%v, %+v", err, got)
	}
	if f := got.Features[0]; f.Geometry != (orb.Point{-108.25, -6.8}) || f.Properties.MustString("time") != "2026-11-23T05:00:00.123456789Z" || f.Properties.MustFloat64("speed_mps") != 9.25 {
		t.Errorf("first: %+v", f)
	}
	none, err := geojson.UnmarshalFeatureCollection(write(t, export.Fixes, export.GeoJSON, export.FromSeries(t.Context(), s, export.Fixes, export.Scope{Unit: "nobody"})))
	if err != nil || len(none.Features) != 0 {
		t.Errorf("none: %v, %+v", err, none)
	}
}

func TestGPX(t *testing.T) {
	t.Parallel()
	type gpx struct {
		XMLName xml.Name `xml:"http://www.topografix.com/GPX/1/1 gpx"`
		Version string   `xml:"version,attr"`
		Creator string   `xml:"creator,attr"`
		Tracks  []struct {
			Name     string `xml:"name"`
			Segments []struct {
				Points []struct {
					Lat   float64   `xml:"lat,attr"`
					Lon   float64   `xml:"lon,attr"`
					Ele   *float64  `xml:"ele"`
					Time  time.Time `xml:"time"`
					Src   string    `xml:"src"`
					Speed float64   `xml:"extensions>speed_mps"`
				} `xml:"trkpt"`
			} `xml:"trkseg"`
		} `xml:"trk"`
	}
	text := write(t, export.Fixes, export.GPX, export.FixesByUnit(t.Context(), series(t), export.Scope{}))
	var got gpx
	if err := xml.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if got.Version != "1.1" || got.Creator == "" || len(got.Tracks) != 2 || got.Tracks[0].Name != "damkar-1" || got.Tracks[1].Name != "psc-1" {
		t.Fatalf("%+v", got)
	}
	segments := got.Tracks[1].Segments
	if len(segments) != 2 || len(segments[0].Points) != 2 || len(segments[1].Points) != 1 {
		t.Fatalf("segments: %+v", segments)
	}
	if p := segments[0].Points[0]; p.Lat != -6.8 || p.Lon != -108.25 || *p.Ele != 141.5 || !p.Time.Equal(noon) || p.Speed != 9.25 {
		t.Errorf("first: %+v", p)
	}
	if p := segments[0].Points[1]; p.Src != "field:a<b" {
		t.Errorf("second: %+v", p)
	}
}

func TestWhatNoFormatHolds(t *testing.T) {
	t.Parallel()
	for _, w := range export.Whats() {
		for _, f := range export.Formats() {
			err := export.Check(w, f)
			if placeless := (f == export.GPX || f == export.GeoJSON) && w != export.Fixes; errors.Is(err, export.ErrNotPossible) != placeless {
				t.Errorf("%s as %s: %v", w, f, err)
			}
		}
	}
	for _, err := range []error{export.Check("links", export.CSV), export.Check(export.Fixes, "kml")} {
		if !errors.Is(err, export.ErrNotPossible) {
			t.Error(err)
		}
	}
}

// TestJournalGoesOnAfterDamage: what is damaged is reported, all else is written.
func TestJournalGoesOnAfterDamage(t *testing.T) {
	t.Parallel()
	entry := func(seq uint64, body string) journal.Entry {
		return journal.Entry{Seq: seq, JournaledAt: noon, Record: journal.Record{ID: fmt.Sprint("r", seq), Kind: journal.KindReport, At: noon, Body: []byte(body)}}
	}
	entries := func(yield func(journal.Entry, error) bool) {
		_ = yield(entry(1, `{"text": "=1+1"}`), nil) && yield(journal.Entry{Seq: 2}, journal.ErrCorrupt) &&
			yield(entry(3, `{"half`), nil) && yield(entry(4, `{}`), nil)
	}
	for _, f := range []export.Format{export.CSV, export.JSONL, export.Parquet} {
		var out bytes.Buffer
		damaged := 0
		err := export.Write(&out, export.Journal, f, export.FromJournal(entries, export.Scope{}), func(err error) error {
			if !errors.Is(err, journal.ErrCorrupt) {
				return err
			}
			damaged++
			return nil
		})
		if err != nil || damaged != 2 {
			t.Errorf("%s: %v, %d reported", f, err, damaged)
		}
		switch f {
		case export.JSONL:
			want := `{"seq":1,"id":"r1","kind":"report","at":"2026-11-23T05:00:00.123456789Z","journaled_at":"2026-11-23T05:00:00.123456789Z","body":{"text":"=1+1"}}` + "\n"
			if got := out.String(); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 2 {
				t.Errorf("got %s", got)
			}
		case export.Parquet:
			type row struct {
				Seq  int64  `parquet:"seq"`
				Body string `parquet:"body,json"`
			}
			rows, err := parquet.Read[row](bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil || len(rows) != 2 || rows[0].Body != `{"text": "=1+1"}` || rows[1].Seq != 4 {
				t.Errorf("%v, %+v", err, rows)
			}
		}
	}
}

// TestMemoryDoesNotGrow writes 100,000 fixes that are made as they are read.
func TestMemoryDoesNotGrow(t *testing.T) {
	const fixes = 100_000
	for _, f := range []export.Format{export.CSV, export.JSONL, export.Parquet, export.GeoJSON, export.GPX} {
		made := counted{left: fixes}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		made.at = func(n int) {
			if n == fixes*9/10 {
				runtime.GC()
				runtime.ReadMemStats(&after)
			}
		}
		if err := export.Write(io.Discard, export.Fixes, f, made.rows, func(err error) error { return err }); err != nil {
			t.Fatal(err)
		}
		grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%s: %d KiB", f, grown/1024)
		if grown > 24<<20 {
			t.Errorf("%s holds %d MiB", f, grown>>20)
		}
	}
}

type counted struct {
	left int
	at   func(n int)
}

// rows yields fixes, telling how many there were.
func (c counted) rows(yield func(export.Row, error) bool) {
	for n := range c.left {
		c.at(n)
		row := export.Row{
			noon.Add(time.Duration(n) * time.Second), "damkar-1", "Damkar", "kenwood", "roof",
			-6.8 + float64(n%1000)/1e5, 108.2, nil, 3.5, 90.0, nil, nil, fmt.Sprint("r", n), "fleetsync:102-1001",
		}
		if !yield(row, nil) {
			return
		}
	}
}
