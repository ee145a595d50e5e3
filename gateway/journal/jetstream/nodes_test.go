//go:build cluster

package jetstream_test

import (
	"fmt"
	"sync"
	"testing"

	"htgateway/gateway/journal/jetstream/natstest"
)

// TestNodesDie: servers are killed in turn while many append, the leaders too; whatever was
// acknowledged is there once, in order, without a gap.
func TestNodesDie(t *testing.T) {
	c := natstest.Start(t, 3)
	name := area(t.Name())
	j := join(t, c, name, t.TempDir(), "g")
	lead(t, j)
	const writers, each = 8, 150
	acknowledged := make([]map[string]uint64, writers)
	var wg sync.WaitGroup
	third := make(chan struct{}, 100)
	for w := range writers {
		acknowledged[w] = map[string]uint64{}
		wg.Go(func() {
			for i := range each {
				if i%(each/3) == 0 {
					third <- struct{}{}
				}
				id := fmt.Sprintf("%d-%d", w, i)
				for {
					results, err := j.Append(t.Context(), rec(id))
					if err == nil {
						acknowledged[w][id] = results[0].Seq
						break
					}
					if t.Context().Err() != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for node := range 3 {
		for range writers {
			<-third
		}
		c.Kill(t, node)
		c.Run(t, node)
	}
	wg.Wait()
	entries, err := j.Read(t.Context(), 0, 10_000)
	if err != nil || len(entries) != writers*each {
		t.Fatalf("%d entries: %v", len(entries), err)
	}
	for i, e := range entries {
		var w int
		if _, err := fmt.Sscanf(e.ID, "%d-", &w); err != nil {
			t.Fatal(err)
		}
		if e.Seq != uint64(i+1) || acknowledged[w][e.ID] != e.Seq {
			t.Fatalf("entry %d is %q, acknowledged as %d", e.Seq, e.ID, acknowledged[w][e.ID])
		}
	}
	await(t, join(t, c, name, t.TempDir(), "h"), dump(t, j))
}
