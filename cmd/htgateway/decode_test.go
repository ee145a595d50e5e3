package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one real frame with its expected decoding (devices/protocol/testdata/vectors).
type vector struct {
	Protocol string         `json:"protocol"`
	Hex      string         `json:"hex"`
	Text     string         `json:"text"`
	Expect   map[string]any `json:"expect"`
}

// ours are the expectation's fields that are terms of the decode contract.
var ours = map[string]float64{ // field → tolerance for numbers
	"device": 0, "to": 0, "kind": 0, "status_code": 0, "text": 0, "time": 0, "stale": 0, "emergency": 0,
	"lat": 2e-6, "lon": 2e-6, "speed_mps": 0.01, "course_deg": 0.1, "altitude_m": 0.5,
}

func vectors(t testing.TB, file, protocol string) []vector {
	t.Helper()
	f, err := os.Open(filepath.Join("../../devices/protocol/testdata/vectors", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []vector
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Protocol == protocol {
			// The APRS oracle knows no families.
			if call, ok := v.Expect["device"].(string); ok && protocol == "aprs" && !strings.Contains(call, ":") {
				v.Expect["device"] = "aprs:" + call
			}
			if v.Hex == "" {
				v.Hex = hex.EncodeToString([]byte(v.Text))
			}
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		t.Fatalf("no %s vectors in %s", protocol, file)
	}
	return out
}

func TestDecodeMatchesEveryVector(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, protocol string }{
		{"kenwood.jsonl", "kenwood"}, {"nmea.jsonl", "nmea"}, {"captured.jsonl", "kenwood"}, {"captured.jsonl", "nmea"},
		{"aprs.jsonl", "aprs"},
		{"tetra.jsonl", "tetra"}, {"captured.jsonl", "tetra"},
	} {
		t.Run(c.file+" "+c.protocol, func(t *testing.T) {
			t.Parallel()
			vs := vectors(t, c.file, c.protocol)
			var in bytes.Buffer
			for _, v := range vs {
				in.WriteString(v.Hex + "\n")
			}
			var out, errs bytes.Buffer
			run(context.Background(), []string{"decode", "--protocol", c.protocol, "--encoding", "hex"}, &in, &out, &errs)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(lines) != len(vs) {
				t.Fatalf("%d lines for %d frames", len(lines), len(vs))
			}
			for i, v := range vs {
				check(t, v, lines[i])
			}
		})
	}
}

func check(t *testing.T, v vector, line string) {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	if v.Expect["error"] == true {
		if got["error"] == nil || got["lat"] != nil || got["lon"] != nil {
			t.Errorf("%q must be refused without a position, got %s", v.Text, line)
		}
		return
	}
	if got["error"] != nil {
		t.Errorf("%q refused: %s", v.Text, line)
		return
	}
	for field, want := range v.Expect {
		tolerance, known := ours[field]
		if !known {
			continue
		}
		if w, isNumber := want.(float64); isNumber {
			g, ok := got[field].(float64)
			if v.Protocol == "aprs" && (field == "lat" || field == "lon") {
				tolerance = 6e-6 // the oracle's five decimals
			}
			if !ok || math.Abs(g-w) > tolerance {
				t.Errorf("%q: %s is %v, want %v", v.Text, field, got[field], want)
			}
		} else if got[field] != want {
			t.Errorf("%q: %s is %v, want %v", v.Text, field, got[field], want)
		}
	}
}

// TestDecodeReadsAKISSStream holds every good frame of a stream with noise between
// its frames to its expectation, in order, and the noise to be reported.
func TestDecodeReadsAKISSStream(t *testing.T) {
	t.Parallel()
	lines, err := os.ReadFile("../../devices/protocol/testdata/vectors/kiss.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Hex    string
		Expect []map[string]any `json:"expect_list"`
	}
	if err := json.Unmarshal(lines, &v); err != nil {
		t.Fatal(err)
	}
	stream, err := hex.DecodeString(v.Hex)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	run(context.Background(), []string{"decode", "--protocol", "kiss", "--encoding", "raw"}, bytes.NewReader(stream), &out, &errs)
	good, noise := 0, 0
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, `"error"`) {
			noise++
			continue
		}
		if good == len(v.Expect) {
			t.Fatalf("more than %d good frames: %s", good, line)
		}
		check(t, vector{Protocol: "kiss", Text: line, Expect: v.Expect[good]}, line)
		good++
	}
	if good != len(v.Expect) || noise == 0 {
		t.Errorf("%d good frames of %d, %d pieces of noise", good, len(v.Expect), noise)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		in   string
		want int
	}{
		{[]string{"version"}, "", exitDone},
		{[]string{"decode", "--protocol", "kenwood"}, "\x02I114124841412484\x03\n", exitDone},
		{[]string{"decode", "--protocol", "kenwood"}, "\x02I114124841412485\x03\n", exitData},
		{[]string{"decode", "--protocol", "smoke"}, "", exitUsage},
		{[]string{"decode", "--protocol", "kenwood", "--encoding", "morse"}, "", exitUsage},
		{[]string{"decode"}, "", exitUsage},
		{[]string{"nonsense"}, "", exitUsage},
	} {
		var out, errs bytes.Buffer
		if got := run(context.Background(), c.args, strings.NewReader(c.in), &out, &errs); got != c.want {
			t.Errorf("%v: exit %d, want %d (%s)", c.args, got, c.want, errs.String())
		}
		if c.want != exitDone && errs.Len() == 0 {
			t.Errorf("%v: no word on standard error", c.args)
		}
	}
}
