package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/sqlite"
	"htgateway/telemetry/telemetrytest"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// rig is a real log, a real store and a follower between them.
type rig struct {
	log   *updatelog.Log
	store *sqlite.Store
	aside []telemetry.Refused
}

func newRig(t testing.TB) *rig {
	t.Helper()
	dir := t.TempDir()
	log, err := updatelog.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "series.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(log.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return &rig{log: log, store: store}
}

func (r *rig) follower(updates telemetry.Updates, store telemetry.Store, o telemetry.FollowerOptions) *telemetry.Follower {
	o.Sink, o.Updates, o.Store, o.Log, o.Now = "series", updates, store, slog.New(slog.DiscardHandler), time.Now
	o.FirstWait, o.LongestWait = time.Millisecond, 4*time.Millisecond
	o.SetAside = func(_ context.Context, p telemetry.Refused) error {
		r.aside = append(r.aside, p)
		return nil
	}
	return telemetry.NewFollower(o)
}

// reached is the log with a signal at each move of the cursor.
type reached struct {
	*updatelog.Log
	cursor chan uint64
}

func (r reached) SetCursor(ctx context.Context, sink string, seq uint64) error {
	if err := r.Log.SetCursor(ctx, sink, seq); err != nil {
		return err
	}
	r.cursor <- seq
	return nil
}

// run follows until the cursor has reached the last update of the log.
func (r *rig) run(t testing.TB, store telemetry.Store) telemetry.State {
	t.Helper()
	return r.runWith(t, store, telemetry.FollowerOptions{})
}

func (r *rig) runWith(t testing.TB, store telemetry.Store, o telemetry.FollowerOptions) telemetry.State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	signal := reached{r.log, make(chan uint64, 1000)}
	f := r.follower(signal, store, o)
	before, err := r.log.Cursor(ctx, "series")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	for {
		select {
		case seq := <-signal.cursor:
			if seq <= before {
				t.Fatalf("the cursor went from %d to %d", before, seq)
			}
			if before = seq; seq < r.log.Last() {
				continue
			}
		case <-ctx.Done():
			t.Fatalf("the cursor did not reach %d: %+v", r.log.Last(), f.State())
		}
		break
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return f.State()
}

func (r *rig) append(t testing.TB, updates ...incident.Update) {
	t.Helper()
	for i := range updates {
		updates[i].Seq = r.log.Last() + 1 + uint64(i)
		if updates[i].JournalSeq == 0 { // an entry each
			updates[i].JournalSeq = updates[i].Seq
		}
	}
	if err := r.log.Append(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
}

func fixes(from, to int) []incident.Update {
	var out []incident.Update
	for n := from; n < to; n++ {
		out = append(out, incident.Update{
			Seq: uint64(n) + 1, JournalSeq: uint64(n) + 1, Kind: incident.UpdateFix, At: noon.Add(time.Duration(n) * time.Second),
			Unit: fmt.Sprintf("D%d", n%5), Link: "roof", Protocol: "kenwood", Report: fmt.Sprintf("r%d", n),
			Fix: &geo.Fix{Point: orb.Point{108.2, -6.8}},
		})
	}
	return out
}

// flaky is a real store that is away at every other try, once after it has
// stored everything: the answer was lost.
type flaky struct {
	telemetry.Store
	tries atomic.Int64
}

func (s *flaky) Write(ctx context.Context, points []telemetry.Point) error {
	switch s.tries.Add(1) % 4 {
	case 1:
		return fmt.Errorf("refused connection: %w", telemetry.ErrUnavailable)
	case 3:
		return errors.Join(s.Store.Write(ctx, points), fmt.Errorf("the answer was lost: %w", telemetry.ErrUnavailable))
	}
	return s.Store.Write(ctx, points)
}

func TestNothingIsMissingAfterOutages(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := fixes(0, 7000)
	if err := r.log.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	state := r.run(t, &flaky{Store: r.store})
	if state.Seq != 7000 || state.Failures == 0 || state.Reason != "" || !state.AwaySince.IsZero() {
		t.Errorf("state %+v", state)
	}
	var want []telemetry.Point
	for _, u := range all {
		want = append(want, telemetry.Points(u)...)
	}
	telemetrytest.Same(t, telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func TestGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, part := range [][]incident.Update{fixes(0, 5000), fixes(5000, 5001), fixes(5001, 9000)} {
		if err := r.log.Append(t.Context(), part); err != nil {
			t.Fatal(err)
		}
		r.run(t, r.store)
	}
	if got := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.UnitFix}); len(got) != 9000 {
		t.Errorf("%d points", len(got))
	}
}

func TestUpdatesMadeAnewLeaveNoOldPoints(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	options := telemetry.FollowerOptions{ResetAtStart: true}
	first, second := fixes(0, 10), fixes(0, 10)
	for i := range second {
		second[i].Agency = "damkar" // the roster was changed
	}
	for generation, updates := range [][]incident.Update{first, second} {
		if err := errors.Join(r.log.Reset(t.Context(), fmt.Sprint(generation)), r.log.Append(t.Context(), updates[:9])); err != nil {
			t.Fatal(err)
		}
		r.runWith(t, r.store, options)
		if err := r.log.Append(t.Context(), updates[9:]); err != nil {
			t.Fatal(err)
		}
		r.runWith(t, r.store, options) // a second start empties nothing
	}
	var want []telemetry.Point
	for _, u := range second {
		want = append(want, telemetry.Points(u)...)
	}
	telemetrytest.Same(t, telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.UnitFix}), want)
}

func TestRefusedPointIsSetAside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	all := fixes(0, 3)
	all[1].At = time.Time{} // no store can keep the year 1
	if err := r.log.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	state := r.run(t, r.store)
	if len(r.aside) != 1 || r.aside[0].Seq != 2 || r.aside[0].Reason == "" || state.Refused != 1 || state.Points != 2 {
		t.Errorf("set aside %+v, state %+v", r.aside, state)
	}
}

func interval(journal uint64, before, after *sop.Interval) incident.Update {
	return incident.Update{JournalSeq: journal, Kind: incident.UpdateInterval, Incident: "i1", Category: "fire", ReceivedAt: noon, BeforeInterval: before, Interval: after}
}

func review(from, to int) *sop.Interval {
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	return &sop.Interval{Name: "monitoring", From: minute(from), To: minute(to), LimitS: 600, Within: to-from <= 10}
}

func ends(points []telemetry.Point) string {
	var out []int
	for _, p := range points {
		out = append(out, int(p.Time.Sub(noon).Minutes()))
	}
	return fmt.Sprint(out)
}

// TestShiftedRuns: a review that became known late stands between two others, so
// that runs move up by one number, and then one is taken out again. However the
// batches and restarts fall, the live points are the runs.
func TestShiftedRuns(t *testing.T) {
	t.Parallel()
	entries := [][]incident.Update{
		{interval(1, nil, review(0, 5))}, {interval(2, nil, review(5, 15))}, {interval(3, nil, review(15, 25))},
		// Known late: a review at 10. In the order of names, which is not that of time.
		{interval(4, nil, review(15, 25)), interval(4, review(5, 15), review(5, 10)), interval(4, review(15, 25), review(10, 15))},
		// Withdrawn: the review at 5.
		{
			interval(5, review(0, 5), review(0, 10)), interval(5, review(5, 10), review(10, 15)),
			interval(5, review(10, 15), review(15, 25)), interval(5, review(15, 25), nil),
		},
	}
	for cut := 1; cut < len(entries); cut++ {
		t.Run(fmt.Sprintf("cut after %d", cut), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, part := range [][][]incident.Update{entries[:cut], entries[cut:]} {
				for _, entry := range part {
					r.append(t, entry...)
				}
				r.run(t, r.store)
			}
			got := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.ResponseInterval})
			if ends(got) != "[10 15 25]" {
				t.Errorf("live runs end at %s", ends(got))
			}
			all := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.ResponseInterval, Superseded: true})
			if ends(all) != "[5 10 15 25]" {
				t.Errorf("all runs end at %s", ends(all))
			}
		})
	}
}

func TestCorrectedCallMovesEveryOffset(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	milestone := func(name incident.MilestoneName, at time.Time) *incident.Milestone {
		return &incident.Milestone{Name: name, At: at, Evidence: incident.ByDispatcher, Report: string(name)}
	}
	earlier := noon.Add(-3 * time.Minute)
	base := incident.Update{Kind: incident.UpdateMilestone, Incident: "i1", Category: "fire", ReceivedAt: noon}
	set := func(m *incident.Milestone, at time.Time) incident.Update {
		u := base
		u.Milestone, u.ReceivedAt = m, at
		return u
	}
	corrected := set(milestone(incident.Received, earlier), earlier)
	corrected.Kind, corrected.Before = incident.UpdateCorrected, milestone(incident.Received, noon)
	r.append(t,
		set(milestone(incident.Received, noon), noon), set(milestone(incident.Dispatched, noon.Add(time.Minute)), noon),
		corrected, set(milestone(incident.OnScene, noon.Add(9*time.Minute)), earlier))
	for range 2 { // a second run takes all of it again
		r.run(t, r.store)
		got := map[string]any{}
		for _, p := range telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.IncidentMilestone}) {
			got[p.Tag("milestone")] = p.Field("offset_s")
		}
		if fmt.Sprint(got) != "map[dispatched:240 on_scene:720 received:0]" {
			t.Errorf("offsets %v", got)
		}
		r.append(t, fixes(0, 1)...)
	}
}

// TestCorrectedCallMovesOldValuesToo: what a correction replaced keeps its place among the
// others when the call moves.
func TestCorrectedCallMovesOldValuesToo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	update := func(kind incident.UpdateKind, name incident.MilestoneName, before, at, received time.Time) incident.Update {
		u := incident.Update{Kind: kind, Incident: "i1", Category: "fire", ReceivedAt: received}
		u.Milestone = &incident.Milestone{Name: name, At: at, Evidence: incident.ByDispatcher, Report: string(name)}
		if !before.IsZero() {
			u.Before = &incident.Milestone{Name: name, At: before, Evidence: incident.ByDispatcher, Report: string(name)}
		}
		return u
	}
	earlier := noon.Add(-3 * time.Minute)
	r.append(t,
		update(incident.UpdateMilestone, incident.Received, time.Time{}, noon, noon),
		update(incident.UpdateMilestone, incident.Dispatched, time.Time{}, noon.Add(time.Minute), noon),
		update(incident.UpdateCorrected, incident.Dispatched, noon.Add(time.Minute), noon.Add(2*time.Minute), noon),
		update(incident.UpdateCorrected, incident.Received, noon, earlier, earlier))
	r.run(t, r.store)
	got := map[string]any{}
	for _, p := range telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.IncidentMilestone, Superseded: true}) {
		if p.Tag("milestone") == string(incident.Dispatched) {
			got[fmt.Sprint(p.Time.Sub(noon), " superseded ", p.Superseded())] = p.Field("offset_s")
		}
	}
	if fmt.Sprint(got) != "map[1m0s superseded true:240 2m0s superseded false:300]" {
		t.Errorf("offsets %v", got)
	}
}

// BenchmarkFollower carries fixes from the log into SQLite.
func BenchmarkFollower(b *testing.B) {
	r := newRig(b)
	n := 0
	var following time.Duration
	for b.Loop() {
		b.StopTimer()
		if err := r.log.Append(b.Context(), fixes(n, n+10_000)); err != nil {
			b.Fatal(err)
		}
		n += 10_000
		b.StartTimer()
		start := time.Now()
		r.run(b, r.store)
		following += time.Since(start)
	}
	b.ReportMetric(float64(n)/following.Seconds(), "updates/s")
}
