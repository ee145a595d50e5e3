package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestPairsOfABenchmark(t *testing.T) {
	t.Parallel()
	const output = `goos: linux
cpu: some
BenchmarkBesideDirewolf-2   	       1	 123456 ns/op	       400.0 ours	       100.0 theirs	 7 refused
BenchmarkBesideDirewolf-2   	       1	 123456 ns/op	       600.0 ours	       200.0 theirs	 9 refused
BenchmarkBesideDirewolf-2   	       1	 123456 ns/op	       500.0 ours	       100.0 theirs	 8 refused
PASS
`
	pairs, err := readPairs(output, "BenchmarkBesideDirewolf")
	if err != nil {
		t.Fatal(err)
	}
	want := summary{Ours: 500, Theirs: 100, Ratio: 4, RatioLow: 3, RatioHigh: 5, More: map[string]float64{"refused": 8}}
	if got := summarise(pairs); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	for _, bad := range []string{"PASS\n", "BenchmarkBesideDirewolf 1 5 ns/op 3 ours\n", "BenchmarkBesideDirewolf 1 x ns/op\n"} {
		if p, err := readPairs(bad, "BenchmarkBesideDirewolf"); err == nil {
			t.Errorf("%q gives %+v", bad, p)
		}
	}
}

func TestMedianOfTwo(t *testing.T) {
	t.Parallel()
	if got := median([]float64{1, 3}); got != 2 {
		t.Error(got)
	}
}

func TestTableTellsEveryRow(t *testing.T) {
	t.Parallel()
	r := results{Machine: machine{CPU: "a core"}, Rows: []outcome{
		{row: row{Name: "aprs", Measure: "packets", Unit: "packets/s", Peer: "Direwolf", AtLeast: 2}, Pairs: []pair{{Ours: 250_000, Theirs: 50_000}}},
		{row: row{Name: "nmea", Measure: "sentences", Peer: "gpsd", AtLeast: 2}, Missing: "gpsdecode: not installed"},
		{row: row{Name: "memory", Measure: "memory", Unit: "MB", Peer: "Telegraf", AtMost: 1}, Pairs: []pair{{Ours: 90, Theirs: 60}}},
	}}
	table := r.table()
	for _, want := range []string{"| aprs | packets | Direwolf | 250,000 | 50,000 | 5.00 (5.00–5.00) | ≥ 2 | yes |", "not available: gpsdecode: not installed", "| ≤ 1 | **no** |"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
}

func TestEveryRowAsksOneThingOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.Name] || seen[r.Benchmark] || r.AtLeast > 0 && r.AtMost > 0 {
			t.Errorf("%+v", r)
		}
		seen[r.Name], seen[r.Benchmark] = true, true
	}
}
