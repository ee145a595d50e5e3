package sqlite

import (
	"sync"

	"htgateway/gateway/journal"
)

// passed are the damaged entries that were handed over as such.
type passed struct {
	mu    sync.Mutex
	seen  map[uint64]bool
	first uint64
}

// note tells whether an entry is met for the first time.
func (p *passed) note(seq uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[seq] {
		return false
	}
	if p.seen == nil {
		p.seen, p.first = map[uint64]bool{}, seq
	}
	p.seen[seq] = true
	return true
}

// count is how many there are, and the first that was met.
func (p *passed) count() (n, first uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return uint64(len(p.seen)), p.first
}

// pass makes of a damaged entry one that says so and nothing else.
func (j *Journal) pass(e journal.Entry, err error) journal.Entry {
	if j.damaged.note(e.Seq) {
		j.log.Error("a record of the journal is damaged and left out of everything: restore the newest backup to have it back", "path", j.path, "entry", e.Seq, "reason", err)
	}
	e.Kind, e.Body = journal.KindDamaged, nil
	return e
}
