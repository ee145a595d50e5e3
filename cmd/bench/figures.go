package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// pair is one run of ours and one of theirs, and what else the benchmark measured.
type pair struct {
	Ours   float64            `json:"ours"`
	Theirs float64            `json:"theirs"`
	More   map[string]float64 `json:"more,omitzero"`
}

// readPairs finds a benchmark's pairs in what `go test -bench` printed: one line a
// run, "BenchmarkName-2  1  5 ns/op  3 ours  4 theirs".
func readPairs(output, benchmark string) ([]pair, error) {
	var out []pair
	for line := range strings.Lines(output) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.TrimRight(strings.TrimSuffix(words[0], "-"), "-0123456789") != benchmark {
			continue
		}
		figures := map[string]float64{}
		for i := 2; i+1 < len(words); i += 2 {
			v, err := strconv.ParseFloat(words[i], 64)
			if err != nil {
				return nil, fmt.Errorf("cannot read %q: %w", strings.TrimSpace(line), err)
			}
			figures[words[i+1]] = v
		}
		p := pair{Ours: figures["ours"], Theirs: figures["theirs"], More: figures}
		if p.Ours <= 0 || p.Theirs <= 0 {
			return nil, fmt.Errorf("%q tells no figure of ours or of theirs", strings.TrimSpace(line))
		}
		for _, known := range []string{"ours", "theirs", "ns/op"} {
			delete(p.More, known)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s printed no figures", benchmark)
	}
	return out, nil
}

// summary is what the pairs of a row come to.
type summary struct {
	Ours   float64 `json:"ours"`
	Theirs float64 `json:"theirs"`
	Ratio  float64 `json:"ratio"`
	// RatioLow and RatioHigh are the smallest and largest ratio of a pair.
	RatioLow  float64            `json:"ratio_low"`
	RatioHigh float64            `json:"ratio_high"`
	More      map[string]float64 `json:"more,omitzero"`
}

// summarise takes medians; the ratio is the median of the pairs' ratios, so that
// what slowed a whole pair does not count. There is at least one pair.
func summarise(pairs []pair) summary {
	of := func(f func(pair) float64) []float64 {
		out := make([]float64, len(pairs))
		for i, p := range pairs {
			out[i] = f(p)
		}
		slices.Sort(out)
		return out
	}
	ratios := of(func(p pair) float64 { return p.Ours / p.Theirs })
	s := summary{
		Ours:   median(of(func(p pair) float64 { return p.Ours })),
		Theirs: median(of(func(p pair) float64 { return p.Theirs })),
		Ratio:  median(ratios), RatioLow: ratios[0], RatioHigh: ratios[len(ratios)-1],
		More: map[string]float64{},
	}
	for name := range maps.Keys(pairs[0].More) {
		s.More[name] = median(of(func(p pair) float64 { return p.More[name] }))
	}
	return s
}

// median of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
