package telemetry

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// measured tells of the runs of one clock as the tracker does: run by run under
// its number, in the order of the numbers as text, each with what it was before.
func measured(entry uint64, before, after []int) []incident.Update {
	runs := func(ends []int) map[string]*sop.Interval {
		out := map[string]*sop.Interval{}
		start := 0
		for i, end := range ends {
			out[fmt.Sprint(i+1)] = &sop.Interval{Name: "monitoring", From: noon.Add(time.Duration(start)), To: noon.Add(time.Duration(end))}
			start = end
		}
		return out
	}
	was, is := runs(before), runs(after)
	keys := maps.Clone(was)
	maps.Copy(keys, is)
	var out []incident.Update
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		b, a := was[key], is[key]
		if a != nil && b != nil && *a == *b {
			continue
		}
		out = append(out, incident.Update{Kind: incident.UpdateInterval, JournalSeq: entry, Incident: "i1", BeforeInterval: b, Interval: a})
	}
	return out
}

// TestLiveRunsAreTheRuns: runs come, shift and go; batches end and the follower
// starts again anywhere. What is live in the end are the runs.
func TestLiveRunsAreTheRuns(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		var stream []incident.Update
		var runs []int
		for entry := uint64(1); entry <= 12; entry++ {
			next := slices.Clone(runs)
			for range 1 + r.IntN(3) {
				if end := 1 + r.IntN(20); slices.Contains(next, end) {
					next = slices.DeleteFunc(next, func(e int) bool { return e == end })
				} else {
					next = append(next, end)
				}
			}
			slices.Sort(next)
			stream = append(stream, measured(entry, runs, next)...)
			runs = next
		}
		for i := range stream {
			stream[i].Seq = uint64(i) + 1
		}
		if live := follow(r, stream); !slices.Equal(live, runs) {
			t.Fatalf("seed %d: live runs end at %v, not %v", seed, live, runs)
		}
	}
}

// follow takes the stream in batches, with restarts, and returns what is live.
func follow(r *rand.Rand, stream []incident.Update) []int {
	store := map[string]Point{}
	s := &sequence{begun: true}
	restarts := 4
	for at := 0; at < len(stream); {
		end := min(at+1+r.IntN(6), len(stream))
		for _, p := range s.points(stream[at:end]) {
			store[p.Identity()] = p.Point
		}
		at = end
		if at < len(stream) && restarts > 0 && r.IntN(3) == 0 {
			restarts--
			s = &sequence{stored: uint64(at)}
			// To before the entry that the cursor stands in, as lookBack makes
			// sure; mostly into the middle of an earlier one.
			for at > 0 && stream[at-1].JournalSeq == stream[s.stored].JournalSeq {
				at--
			}
			at -= min(at, 1+r.IntN(at+1))
			s.begun = at == 0
		}
	}
	var live []int
	for _, p := range store {
		if !p.Superseded() {
			live = append(live, int(p.Time.Sub(noon)))
		}
	}
	slices.Sort(live)
	return live
}
