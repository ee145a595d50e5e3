package journal

import (
	"context"
	"errors"
	"iter"
)

// allAtOnce is how many entries [All] reads at a time.
const allAtOnce = 1024

// All yields what a journal holds after an entry, in order, in batches, so that its
// memory does not grow with the journal. An entry that does not match its checksum is
// yielded as an error that wraps [ErrCorrupt], with its number, and reading goes on after
// it; any other error is the last.
func All(ctx context.Context, j interface {
	Read(ctx context.Context, after uint64, limit int) ([]Entry, error)
}, after uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for after := after; ; {
			entries, err := j.Read(ctx, after, allAtOnce)
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			switch {
			case errors.Is(err, ErrCorrupt):
				after++
				if !yield(Entry{Seq: after}, err) {
					return
				}
			case err != nil:
				yield(Entry{}, err)
				return
			case len(entries) == 0:
				return
			}
		}
	}
}
