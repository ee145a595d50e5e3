package sqlitelog_test

import (
	"math"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"htgateway/gateway/journal/sqlitelog"
)

// kept counts what the window has after a number, and fails on what does not belong there.
func kept(t *rapid.T, w *sqlitelog.Window[uint64], after uint64) (n int) {
	for {
		items := w.After(after, 700)
		if len(items) == 0 {
			return n
		}
		for _, i := range items {
			if after++; i != after {
				t.Fatalf("item %d where %d belongs", i, after)
			}
		}
		n += len(items)
	}
}

// TestWindowKeepsWhatIsNeeded adds, reads, falls behind and forgets at random: who is
// pinned always finds the next item, who reads within the bounds too, and no more is
// kept than that.
func TestWindowKeepsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const most, block, size = 5000, 1024, 8
		w := sqlitelog.NewWindow(sqlitelog.Bounds[uint64]{Items: most, Bytes: most * size, SizeOf: func(*uint64) int { return size }})
		last, forgotten := uint64(0), uint64(0)
		pinned, held := w.Pin(0), uint64(0)
		reader, had := w.Subscribe(0), uint64(0)
		add := func(n int) {
			items := make([]uint64, n)
			for i := range items {
				items[i] = last + uint64(i) + 1
			}
			w.Add(last+1, items)
			last += uint64(n)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := rapid.IntRange(1, 3000).Draw(t, "n")
			switch rapid.SampledFrom([]string{"add", "add", "add", "save", "take", "take", "forget", "gap"}).Draw(t, "step") {
			case "add":
				add(n)
			case "save":
				held = min(last, held+uint64(n))
				w.Advance(pinned, held)
			case "take":
				had = min(last, had+uint64(n))
				w.Advance(reader, had)
			case "forget":
				forgotten = max(forgotten, min(held, had))
				w.Forget(forgotten)
			case "gap": // as after entries that somebody else wrote
				last += uint64(n)
				held, had, forgotten = last, last, last
				w.Advance(pinned, held)
				w.Advance(reader, had)
				add(1)
			}
			if got := kept(t, w, held); got != int(last-held) {
				t.Fatalf("pinned at %d of %d finds %d items", held, last, got)
			}
			if got := kept(t, w, had); last-had <= most-block && got != int(last-had) {
				t.Fatalf("reader at %d of %d finds %d items", had, last, got)
			}
			oldest := uint64(sort.Search(int(last), func(from int) bool { return len(w.After(uint64(from), 1)) > 0 }))
			if longest := max(last-held, min(last-had, most)) + 3*block; last-oldest > longest {
				t.Fatalf("%d items are kept for a pinned at %d and a reader at %d of %d", last-oldest, held, had, last)
			}
		}
		w.Unsubscribe(pinned)
		w.Unsubscribe(reader)
		if n := kept(t, w, last-min(last, 3*block)); n > 3*block {
			t.Fatalf("%d items are kept for nobody", n)
		}
		if w.Forget(math.MaxUint64); len(w.After(last-1, 1)) > 0 {
			t.Fatal("what was forgotten is there")
		}
		add(1)
		if kept(t, w, last-1) != 1 {
			t.Fatal("nothing comes after all was forgotten")
		}
	})
}
