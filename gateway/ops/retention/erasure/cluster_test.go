package erasure_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/tracker"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/ops/retention/erasure"
)

// TestPlacesAreForgottenInTheCluster: messages are stored again without the places, and
// the old ones overwritten; a copy that is made anew has none of them and all else.
func TestPlacesAreForgottenInTheCluster(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 1)
	open := func(dir, name string) *jetstream.Journal {
		j, err := jetstream.Open(t.Context(), jetstream.Options{
			Servers: c.Servers(), Area: "majalengka", Replicas: 1, File: datadir.Folder(dir).Journal(), Name: name, Lease: 3 * time.Second, Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = j.Close() })
		return j
	}
	j := open(t.TempDir(), "g")
	if _, err := j.Lead(t.Context()); err != nil {
		t.Fatal(err)
	}
	const fixes, old = 300, 240
	for n := 0; n < fixes; n += 3 {
		var three []journal.Record
		for k := range 3 {
			r := fix("fleetsync:102-1001", float64(n+k), 0, 5)
			r.Raw = fmt.Appendf(nil, "RAHASIA %d.", n+k)
			three = append(three, report(r))
		}
		if _, err := j.Append(t.Context(), three...); err != nil {
			t.Fatal(err)
		}
	}
	p, standby := newPlace(t, t, nil), newPlace(t, t, nil) // for their updates
	defer p.close(t)
	defer standby.close(t)
	entries, err := j.Read(t.Context(), 0, fixes)
	if err != nil {
		t.Fatal(err)
	}
	tr := tracker.New(settings())
	for _, e := range entries {
		ev, _, err := incident.EventOf(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := standby.updates.Append(t.Context(), tr.Apply(ev)); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	n, err := erasure.Fixes(t.Context(), j, p.updates, settings().Roster, at(old))
	if err != nil || n != old {
		t.Fatalf("%d forgotten, %v", n, err)
	}
	t.Logf("%d fixes in %d messages forgotten in %v", n, n/3, time.Since(began))
	if n, err := erasure.Fixes(t.Context(), j, p.updates, settings().Roster, at(old)); err != nil || n != 0 {
		t.Errorf("%d forgotten again, %v", n, err)
	}
	sum := func(j *jetstream.Journal) string {
		entries, err := j.Read(t.Context(), 0, 2*fixes)
		if err != nil || len(entries) != fixes {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		s := journal.NewSum()
		for _, e := range entries {
			if err := s.Add(e); err != nil {
				t.Fatal(err)
			}
		}
		return s.String()
	}
	copied := open(t.TempDir(), "h")
	if sum(copied) != sum(j) {
		t.Error("a copy that is made anew has other entries")
	}
	for _, want := range []int{old, 0} { // what stood by forgets along, once
		if n, err := erasure.Along(t.Context(), copied, standby.updates); err != nil || n != want {
			t.Errorf("%d places forgotten along, not %d, %v", n, want, err)
		}
	}
}
