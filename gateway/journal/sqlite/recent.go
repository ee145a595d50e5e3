package sqlite

import (
	"context"
	"sync"

	"htgateway/gateway/journal"
)

// Bounds of the newest entries that are kept in memory.
const (
	recentEntries = 4096
	recentBytes   = 16 << 20
)

// recent are the newest entries, so that whoever follows closely need not read them
// back from the file. Each was on disk before it came here. It is safe for
// concurrent use; an entry is never changed.
type recent struct {
	mu      sync.Mutex
	entries []journal.Entry // without gaps
	bytes   int
}

// add keeps entries that were just committed.
func (r *recent) add(entries []journal.Entry) {
	if len(entries) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.entries); n > 0 && r.entries[n-1].Seq+1 != entries[0].Seq {
		r.entries, r.bytes = nil, 0
	}
	if r.entries == nil {
		r.entries = make([]journal.Entry, 0, recentEntries+mostInCommit)
	}
	r.entries = append(r.entries, entries...)
	for _, e := range entries {
		r.bytes += len(e.Body)
	}
	// Half goes at once, so that a copy is paid rarely. Readers may still hold the old
	// array: it is not written again.
	if len(r.entries) > recentEntries || r.bytes > recentBytes {
		r.entries = append(make([]journal.Entry, 0, cap(r.entries)), r.entries[len(r.entries)/2:]...)
		r.bytes = 0
		for _, e := range r.entries {
			r.bytes += len(e.Body)
		}
	}
}

// after returns up to limit entries after a number; false when some of them are not
// here.
func (r *recent) after(seq uint64, limit int) ([]journal.Entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) == 0 || seq+1 < r.entries[0].Seq || seq >= r.entries[len(r.entries)-1].Seq {
		return nil, false
	}
	from := int(seq + 1 - r.entries[0].Seq) // #nosec G115 -- between the first and the last of a slice, by the line above
	to := min(from+limit, len(r.entries))
	return r.entries[from:to:to], true
}

// forget drops everything: when bodies are rewritten, and in quiet times.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entries, r.bytes = nil, 0
}

// Rest drops what is kept in memory to be at hand, and is in the file.
func (j *Journal) Rest(context.Context) error {
	j.recent.forget()
	select {
	case j.resting <- struct{}{}:
	default:
	}
	return nil
}

// shrink has SQLite give up the pages that it keeps for writing.
func (j *Journal) shrink() {
	if _, err := j.writer.Exec("PRAGMA shrink_memory"); err != nil {
		j.log.Warn("journal keeps its memory", "path", j.path, "reason", err)
	}
}
