package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// span is a run of journal entries that the centre does not have: after From, up to
// and with To.
type span struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
	// Since is when its first entry was received, UTC.
	Since time.Time `json:"since"`
}

// progress is which entries the centre has: all up to Next but those in Gaps, oldest
// first.
type progress struct {
	Next uint64 `json:"next"`
	Gaps []span `json:"gaps"`
	// Clocks say how the site's clock stood for what the centre does not have yet.
	Clocks []clockRange `json:"clocks,omitzero"`
}

// place keeps the progress, in memory and in the journal's file. Losing its newest
// steps means sending something again, which the centre knows by its id.
type place struct {
	journal Journal
	clocks  *clocks
	grown   chan struct{} // signalled when there is a gap to fill

	mu    sync.Mutex
	p     progress
	saved time.Time
	dirty atomic.Bool
}

// fold names the progress among the journal's snapshots.
const fold = "edge"

// load reads the progress. What the journal got since then waits.
func load(ctx context.Context, j Journal, now func() time.Time) (*place, error) {
	pl := &place{journal: j, grown: make(chan struct{}, 1)}
	seq, state, err := j.Snapshot(ctx, fold)
	if err != nil {
		return nil, fmt.Errorf("cannot read what the centre has: %w", err)
	}
	if seq > 0 {
		if err := json.Unmarshal(state, &pl.p); err != nil {
			return nil, fmt.Errorf("cannot read what the centre has: %w", err)
		}
	}
	last, err := j.Last(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot begin to send to the centre: %w", err)
	}
	pl.clocks = newClocks(j, pl.p.Clocks, last, now, pl.touch)
	pl.touch() // that another run began
	if last > pl.p.Next {
		first, err := j.Read(ctx, pl.p.Next, 1)
		if err != nil || len(first) == 0 {
			return nil, fmt.Errorf("cannot read entry %d for the centre: %w", pl.p.Next+1, err)
		}
		pl.wait(last, first[0].At)
	}
	return pl, nil
}

// touch has the progress kept, since something of it changed.
func (pl *place) touch() { pl.dirty.Store(true) }

func (pl *place) next() uint64 {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	return pl.p.Next
}

// done says that the centre has everything after the live place up to seq.
func (pl *place) done(seq uint64) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.p.Next = seq
	pl.touch()
}

// wait says that what is after the live place up to seq will come later.
func (pl *place) wait(seq uint64, since time.Time) {
	pl.mu.Lock()
	if n := len(pl.p.Gaps); n > 0 && pl.p.Gaps[n-1].To == pl.p.Next {
		pl.p.Gaps[n-1].To = seq
	} else {
		pl.p.Gaps = append(pl.p.Gaps, span{pl.p.Next, seq, since})
	}
	pl.p.Next = seq
	pl.touch()
	pl.mu.Unlock()
	select {
	case pl.grown <- struct{}{}:
	default:
	}
}

// oldest is the gap to fill next.
func (pl *place) oldest() (span, bool) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if len(pl.p.Gaps) == 0 {
		return span{}, false
	}
	return pl.p.Gaps[0], true
}

// filled says that the centre has the oldest gap up to seq; since is when the entry
// after it was received.
func (pl *place) filled(seq uint64, since time.Time) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	g := &pl.p.Gaps[0]
	g.From, g.Since = seq, since
	pl.touch()
	if g.From >= g.To {
		pl.p.Gaps = pl.p.Gaps[1:]
	}
}

// waiting is how many entries wait, and since when.
func (pl *place) waiting() (n uint64, since time.Time) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	for _, g := range pl.p.Gaps {
		n += g.To - g.From
	}
	if n > 0 {
		since = pl.p.Gaps[0].Since
	}
	return n, since
}

// saveEvery is how often the progress goes to the disk at most.
const saveEvery = time.Second

// save keeps the progress, unless that was done a moment ago; now does it anyhow.
func (pl *place) save(ctx context.Context, now bool) error {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if !pl.dirty.Load() || pl.p.Next == 0 || !now && time.Since(pl.saved) < saveEvery {
		return nil
	}
	pl.dirty.Store(false) // before what changes meanwhile
	needed := pl.p.Next - min(pl.p.Next, meanwhileEntries)
	if len(pl.p.Gaps) > 0 {
		needed = min(needed, pl.p.Gaps[0].From)
	}
	pl.p.Clocks = pl.clocks.kept(needed)
	state, err := json.Marshal(pl.p)
	if err != nil {
		return fmt.Errorf("cannot keep what the centre has: %w", err)
	}
	if err := pl.journal.SaveSnapshot(ctx, fold, pl.p.Next, state); err != nil {
		pl.touch()
		return fmt.Errorf("cannot keep what the centre has: %w", err)
	}
	pl.saved = time.Now()
	return nil
}
