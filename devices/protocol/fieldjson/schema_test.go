package fieldjson_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"htgateway/devices/protocol/fieldjson"
)

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(fieldjson.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("field-report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("field-report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t testing.TB, s *jsonschema.Schema, payload []byte) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(value)
}

// TestSchemaAndDecoderAgree reads each payload with both: what the schema allows
// is what the decoder takes.
func TestSchemaAndDecoderAgree(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	file, err := os.Open("testdata/payloads.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c struct {
			Name    string
			Payload json.RawMessage
			Refused string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			r, err := fieldjson.Decode(topic, c.Payload, time.Time{})
			if c.Refused == "" && err != nil || c.Refused != "" && (err == nil || !strings.Contains(err.Error(), c.Refused)) || err != nil && r.Fix != nil {
				t.Errorf("decoder: %v, want %q; %+v", err, c.Refused, r)
			}
			if err := fits(t, s, c.Payload); (err == nil) != (c.Refused == "") {
				t.Errorf("schema: %v", err)
			}
		})
	}
}

// TestSchemaPromisesNothingThatIsRefused makes payloads of values on both sides of
// every limit.
func TestSchemaPromisesNothingThatIsRefused(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	number := rapid.OneOf(rapid.Float64Range(-400, 400), rapid.SampledFrom([]float64{0, -90, 90, 180, 360, 100, 1000, 1001, -1001, 60_001, 1e7, 1.1e7}))
	rapid.Check(t, func(t *rapid.T) {
		p := map[string]any{}
		for _, name := range []string{"lat", "lon", "accuracy_m", "speed_mps", "course_deg", "altitude_m", "battery_pct"} {
			if rapid.Bool().Draw(t, name+"?") {
				p[name] = number.Draw(t, name)
			}
		}
		for _, f := range []struct {
			name   string
			values []any
		}{
			{"time", []any{"2026-11-23T09:15:00Z", "2026-11-23T24:15:00Z", "2026-11-23 09:15:00", "2026-02-30T09:15:00Z", "2026-12-31T23:59:60Z", ""}},
			{"status", []any{"on_scene", "x", "", 3}},
			{"text", []any{"halo", "", true}},
			{"emergency", []any{true, false, "ya"}},
			{"seq", []any{0, 7, -1, 1.5, "a"}},
		} {
			if rapid.Bool().Draw(t, f.name+"?") {
				p[f.name] = rapid.SampledFrom(f.values).Draw(t, f.name)
			}
		}
		payload, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(value) != nil {
			return
		}
		if _, err := fieldjson.Decode(topic, payload, time.Time{}); err != nil {
			t.Fatalf("the schema allows %s, the decoder says: %v", payload, err)
		}
	})
}
