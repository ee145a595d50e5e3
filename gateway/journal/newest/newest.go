package newest

import (
	"slices"
	"sync"
)

// blockOf is how many items go at once.
const blockOf = 1024

// Bounds are how much is kept for followers that have not come so far yet. Who is
// behind that reads the file, and is not waited for.
type Bounds[T any] struct {
	// Items are kept at most so many, to two blocks.
	Items int
	// Bytes are kept at most so many, to two blocks, where SizeOf tells an item's.
	Bytes  int
	SizeOf func(*T) int
}

// List is the newest of a sequence, without gaps. What every follower has had goes,
// but for the last block or two. It is safe for concurrent use; an item is never changed.
type List[T any] struct {
	bounds Bounds[T]

	mu     sync.Mutex
	blocks []*block[T]
	bytes  int
	places map[*Place]struct{}
}

// block is a part of the sequence. What is in it is never written again, so that readers
// need no copy.
type block[T any] struct {
	first uint64
	items []T
	bytes int
}

func (b *block[T]) last() uint64 { return b.first + uint64(len(b.items)) - 1 }

// Place is how far a follower has come. It belongs to one list.
type Place struct {
	had   uint64
	holds bool
}

// New returns an empty list.
func New[T any](b Bounds[T]) *List[T] {
	return &List[T]{bounds: b, places: map[*Place]struct{}{}}
}

// Enter begins to wait, within the bounds, for a follower that has had everything up to a
// number.
func (l *List[T]) Enter(had uint64) *Place { return l.enter(had, false) }

// Hold is Enter for who needs every item: what it has not had is kept beyond the bounds.
func (l *List[T]) Hold(had uint64) *Place { return l.enter(had, true) }

func (l *List[T]) enter(had uint64, holds bool) *Place {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &Place{had, holds}
	l.places[p] = struct{}{}
	return p
}

// Move tells that a follower has had everything up to a number.
func (l *List[T]) Move(p *Place, had uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.had = had
	l.trim()
}

// Leave ends to wait for a follower.
func (l *List[T]) Leave(p *Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.places, p)
	l.trim()
}

// Add keeps items, which are numbered from first on. What was there before a gap goes.
func (l *List[T]) Add(first uint64, items []T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.blocks); n > 0 && l.blocks[n-1].last()+1 != first {
		l.blocks, l.bytes = nil, 0
	}
	for len(items) > 0 {
		n := len(l.blocks)
		if n == 0 || len(l.blocks[n-1].items) == blockOf {
			l.blocks = append(l.blocks, &block[T]{first: first, items: make([]T, 0, blockOf)})
			continue
		}
		b := l.blocks[n-1]
		fit := min(blockOf-len(b.items), len(items))
		b.items = append(b.items, items[:fit]...)
		if l.bounds.SizeOf != nil {
			for i := range items[:fit] {
				b.bytes += l.bounds.SizeOf(&items[i])
				l.bytes += l.bounds.SizeOf(&items[i])
			}
		}
		first, items = first+uint64(fit), items[fit:] // #nosec G115 -- not negative
	}
	l.trim()
}

// trim drops blocks that everybody who is waited for has had, or that are too many.
func (l *List[T]) trim() {
	drop := 0
	for len(l.blocks)-drop > 2 {
		over := (len(l.blocks)-drop-1)*blockOf > l.bounds.Items || l.bounds.SizeOf != nil && l.bytes > l.bounds.Bytes
		if l.awaited(l.blocks[drop], over) {
			break
		}
		l.bytes -= l.blocks[drop].bytes
		drop++
	}
	if drop > 0 {
		l.blocks = slices.Delete(l.blocks, 0, drop)
	}
}

// awaited tells whether a follower has still to have some of a block, beyond the bounds
// one that holds. One that is before it has fallen behind what is kept.
func (l *List[T]) awaited(b *block[T], over bool) bool {
	for p := range l.places {
		if p.had+1 >= b.first && p.had < b.last() && (p.holds || !over) {
			return true
		}
	}
	return false
}

// After returns up to limit items after a number, fewer where a block ends; none when the
// next is not kept. They must not be changed.
func (l *List[T]) After(seq uint64, limit int) []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.blocks {
		if seq+1 < b.first {
			break
		}
		if seq < b.last() {
			from := int(seq + 1 - b.first) // #nosec G115 -- less than the length of a slice
			to := min(from+limit, len(b.items))
			return b.items[from:to:to]
		}
	}
	return nil
}

// Forget drops everything up to a number.
func (l *List[T]) Forget(upTo uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.blocks) > 0 && l.blocks[0].last() <= upTo {
		l.bytes -= l.blocks[0].bytes
		l.blocks = slices.Delete(l.blocks, 0, 1)
	}
	if len(l.blocks) == 0 || l.blocks[0].first > upTo {
		return
	}
	old := l.blocks[0]
	kept := &block[T]{first: upTo + 1, items: slices.Grow(slices.Clone(old.items[upTo+1-old.first:]), 1)}
	if l.bounds.SizeOf != nil {
		for i := range kept.items {
			kept.bytes += l.bounds.SizeOf(&kept.items[i])
		}
	}
	l.bytes += kept.bytes - old.bytes
	l.blocks[0] = kept
}
