package sqlitelog

import (
	"slices"
	"sync"
)

// blockOf is how many items are dropped at once.
const blockOf = 1024

// Bounds are how much a window keeps for subscribers that have not read it yet. A
// subscriber that is further behind reads the file.
type Bounds[T any] struct {
	// Items is the most items that are kept, to two blocks.
	Items int
	// Bytes is the most bytes that are kept, to two blocks, where SizeOf measures an item.
	Bytes  int
	SizeOf func(*T) int
}

// Window is the newest of a numbered sequence in memory, without gaps, so that who
// follows it closely need not read it back from a file. What every subscriber has had is
// dropped, but for the last block or two. It is safe for concurrent use; an item is never
// changed.
type Window[T any] struct {
	bounds Bounds[T]

	mu      sync.Mutex
	blocks  []*block[T]
	bytes   int
	readers map[*Subscription]struct{}
}

// block is a part of the sequence. What is in it is never written again, so that readers
// need no copy.
type block[T any] struct {
	first uint64
	items []T
	bytes int
}

func (b *block[T]) last() uint64 { return b.first + uint64(len(b.items)) - 1 }

// Subscription is how far a subscriber has come. It belongs to one window.
type Subscription struct {
	had    uint64
	pinned bool
}

// NewWindow returns an empty window.
func NewWindow[T any](b Bounds[T]) *Window[T] {
	return &Window[T]{bounds: b, readers: map[*Subscription]struct{}{}}
}

// Subscribe has the window keep, within the bounds, what comes after a number for a
// subscriber that has had everything up to it.
func (w *Window[T]) Subscribe(had uint64) *Subscription { return w.subscribe(had, false) }

// Pin is Subscribe for a subscriber that needs every item: what it has not had is kept
// beyond the bounds.
func (w *Window[T]) Pin(had uint64) *Subscription { return w.subscribe(had, true) }

func (w *Window[T]) subscribe(had uint64, pinned bool) *Subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &Subscription{had, pinned}
	w.readers[s] = struct{}{}
	return s
}

// Advance notes that a subscriber has had everything up to a number.
func (w *Window[T]) Advance(s *Subscription, had uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.had = had
	w.trim()
}

// Unsubscribe ends a subscription.
func (w *Window[T]) Unsubscribe(s *Subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.readers, s)
	w.trim()
}

// Add takes items, which are numbered from first on. What was there before a gap is
// dropped.
func (w *Window[T]) Add(first uint64, items []T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.blocks); n > 0 && w.blocks[n-1].last()+1 != first {
		w.blocks, w.bytes = nil, 0
	}
	for len(items) > 0 {
		n := len(w.blocks)
		if n == 0 || len(w.blocks[n-1].items) == blockOf {
			w.blocks = append(w.blocks, &block[T]{first: first, items: make([]T, 0, blockOf)})
			continue
		}
		b := w.blocks[n-1]
		fit := min(blockOf-len(b.items), len(items))
		b.items = append(b.items, items[:fit]...)
		if w.bounds.SizeOf != nil {
			for i := range items[:fit] {
				b.bytes += w.bounds.SizeOf(&items[i])
				w.bytes += w.bounds.SizeOf(&items[i])
			}
		}
		first, items = first+uint64(fit), items[fit:]
	}
	w.trim()
}

// trim drops the oldest blocks as far as no subscriber needs them.
func (w *Window[T]) trim() {
	drop := 0
	for len(w.blocks)-drop > 2 {
		over := (len(w.blocks)-drop-1)*blockOf > w.bounds.Items || w.bounds.SizeOf != nil && w.bytes > w.bounds.Bytes
		if w.needed(w.blocks[drop], over) {
			break
		}
		w.bytes -= w.blocks[drop].bytes
		drop++
	}
	if drop > 0 {
		w.blocks = slices.Delete(w.blocks, 0, drop)
	}
}

// needed tells whether a subscriber has yet to read items of a block; a block over the
// bounds is kept for pinned ones only. A subscriber whose next item is older than the
// block reads the file, and needs nothing here.
func (w *Window[T]) needed(b *block[T], over bool) bool {
	for s := range w.readers {
		if s.had+1 >= b.first && s.had < b.last() && (s.pinned || !over) {
			return true
		}
	}
	return false
}

// After returns up to limit items after a number, fewer where a block ends; none when the
// next is not kept. They must not be changed.
func (w *Window[T]) After(seq uint64, limit int) []T {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.blocks {
		if seq+1 < b.first {
			break
		}
		if seq < b.last() {
			from := int(seq + 1 - b.first)
			to := min(from+limit, len(b.items))
			return b.items[from:to:to]
		}
	}
	return nil
}

// Forget drops everything up to a number.
func (w *Window[T]) Forget(upTo uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.blocks) > 0 && w.blocks[0].last() <= upTo {
		w.bytes -= w.blocks[0].bytes
		w.blocks = slices.Delete(w.blocks, 0, 1)
	}
	if len(w.blocks) == 0 || w.blocks[0].first > upTo {
		return
	}
	old := w.blocks[0]
	kept := &block[T]{first: upTo + 1, items: slices.Grow(slices.Clone(old.items[upTo+1-old.first:]), 1)}
	if w.bounds.SizeOf != nil {
		for i := range kept.items {
			kept.bytes += w.bounds.SizeOf(&kept.items[i])
		}
	}
	w.bytes += kept.bytes - old.bytes
	w.blocks[0] = kept
}
