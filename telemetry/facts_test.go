package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/telemetry"
	"htgateway/telemetry/telemetrytest"
)

// TestTwoPhonesOneSecond: phones tell whole seconds; each fix is a point.
func TestTwoPhonesOneSecond(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	both := fixes(0, 2)
	both[1].Unit, both[1].At = both[0].Unit, both[0].At
	both[0].Device, both[1].Device = "owntracks:a/phone", "owntracks:b/phone"
	if err := r.log.Append(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	r.runWith(t, r.store, telemetry.FollowerOptions{Area: "majalengka"})
	got := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.UnitFix})
	if len(got) != 2 || got[0].Tag("area") != "majalengka" || got[0].Tag("device") == got[1].Tag("device") {
		t.Errorf("the series has %v", got)
	}
}

// TestEntryOfManyUpdates: a late review moves 6,000 runs by one number, and the follower is
// cut off at any of its writes and starts again. What is live in the end are the runs.
func TestEntryOfManyUpdates(t *testing.T) {
	t.Parallel()
	const runs = 6000
	run := func(n int) *sop.Interval {
		return &sop.Interval{Name: "monitoring", From: noon.Add(time.Duration(n-1) * time.Minute), To: noon.Add(time.Duration(n) * time.Minute), LimitS: 600}
	}
	var first, second []incident.Update
	for n := range runs {
		first = append(first, interval(1, nil, run(2*n)))
	}
	// Run 0.5 came: number n+1 is what number n was, the last is new and stands first.
	second = append(second, interval(2, nil, run(2*(runs-1))))
	for n := 1; n < runs; n++ {
		second = append(second, interval(2, run(2*n), run(2*(n-1)+n/(runs-1))))
	}
	want := map[int]bool{}
	count := map[int]int{}
	for _, u := range append(first[:len(first):len(first)], second...) {
		if u.BeforeInterval != nil {
			count[int(u.BeforeInterval.To.Sub(noon).Minutes())]--
		}
		count[int(u.Interval.To.Sub(noon).Minutes())]++
	}
	for at, n := range count {
		if n > 0 {
			want[at] = true
		}
	}
	for _, cut := range []int64{1, 2} {
		t.Run(fmt.Sprint("write ", cut), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.append(t, first...)
			r.run(t, r.store)
			r.append(t, second...)
			ctx, kill := context.WithTimeout(t.Context(), time.Minute)
			defer kill()
			if err := r.follower(r.log, &killed{Store: r.store, at: cut, kill: kill}, telemetry.FollowerOptions{}).Run(ctx); err != nil {
				t.Fatal(err)
			}
			if at, err := r.log.Cursor(t.Context(), "series"); err != nil || at != runs && at != r.log.Last() {
				t.Fatalf("the cursor is at %d, within an entry: %v", at, err)
			}
			r.append(t, fixes(0, 1)...)
			r.run(t, r.store)
			got := telemetrytest.Read(t, r.store, telemetry.Query{Measurement: telemetry.ResponseInterval})
			if len(got) != len(want) {
				t.Errorf("%d runs are live, of %d", len(got), len(want))
			}
			for _, p := range got {
				if !want[int(p.Time.Sub(noon).Minutes())] {
					t.Fatalf("a run that ends at %s is live", p.Time)
				}
			}
		})
	}
}

// killed stores half of one write and ends the process.
type killed struct {
	telemetry.Store
	at   int64
	n    int64
	kill context.CancelFunc
}

func (s *killed) Write(ctx context.Context, points []telemetry.Point) error {
	if s.n++; s.n < s.at {
		return s.Store.Write(ctx, points)
	}
	err := s.Store.Write(ctx, points[:len(points)/2])
	s.kill()
	return errors.Join(err, telemetry.ErrUnavailable)
}
