package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"htgateway/gateway/journal"
)

// journalTimes says when which entries of the journal were journaled. Their times go
// backwards where the gateway's clock was set back, so the journal is known in stretches
// within which they do not.
type journalTimes struct {
	mu        sync.Mutex
	advancing sync.Mutex
	upTo      entryMark
	stretches []stretch
}

// entryMark names an entry: its number, its id, and when it was journaled, in nanoseconds
// since 1970.
type entryMark struct {
	entry uint64
	id    string
	at    int64
}

// stretch is a run of entries, after one number up to and with another, and between
// which times they were journaled, in nanoseconds since 1970.
type stretch struct {
	After uint64 `json:"after"`
	UpTo  uint64 `json:"up_to"`
	Low   int64  `json:"low"`
	High  int64  `json:"high"`
}

const (
	// setBack is from when an entry's time counts as that of a clock that was set back.
	setBack = time.Second
	// stretchesAtMost bounds the stretches: the clock was set back so often. The oldest
	// are then taken together, and sought in as well as may be.
	stretchesAtMost = 1000
)

// add takes the journal's next entry.
func (t *journalTimes) add(e journal.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Seq <= t.upTo.entry {
		return
	}
	t.upTo.entry, t.upTo.id = e.Seq, e.ID
	if e.Kind == journal.KindDamaged {
		if n := len(t.stretches); n > 0 {
			t.stretches[n-1].UpTo = e.Seq
		}
		return
	}
	at := e.JournaledAt.UnixNano()
	t.upTo.at = at
	if n := len(t.stretches); n > 0 && at >= t.stretches[n-1].High-int64(setBack) {
		s := &t.stretches[n-1]
		s.UpTo, s.High, s.Low = e.Seq, max(s.High, at), min(s.Low, at)
		return
	}
	t.stretches = append(t.stretches, stretch{After: e.Seq - 1, UpTo: e.Seq, Low: at, High: at})
	if len(t.stretches) > stretchesAtMost {
		a, b := t.stretches[0], t.stretches[1]
		t.stretches = append([]stretch{{After: a.After, UpTo: b.UpTo, Low: min(a.Low, b.Low), High: max(a.High, b.High)}}, t.stretches[2:]...)
	}
}

// advance reads the entries that were not seen yet.
func (t *journalTimes) advance(ctx context.Context, j Journal) error {
	t.advancing.Lock()
	defer t.advancing.Unlock()
	for {
		after := t.seen()
		entries, err := j.Read(ctx, after, readBackStep)
		if err != nil {
			return fmt.Errorf("cannot read when entries after %d were journaled: %w", after, err)
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			t.add(e)
		}
	}
}

func (t *journalTimes) seen() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.upTo.entry
}

// mark is the newest entry that was seen.
func (t *journalTimes) mark() entryMark {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.upTo
}

// until returns the stretches up to an entry.
func (t *journalTimes) until(m entryMark) (out []stretch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.stretches {
		if s.After >= m.entry {
			break
		}
		if s.UpTo > m.entry {
			s.UpTo, s.High = m.entry, min(s.High, m.at+int64(setBack))
		}
		out = append(out, s)
	}
	return out
}

// set takes what was kept.
func (t *journalTimes) set(m entryMark, stretches []stretch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.upTo, t.stretches = m, stretches
}

// overlapping returns the stretches that have entries between two times.
func (t *journalTimes) overlapping(from, to time.Time) (out []stretch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.stretches {
		if s.High >= from.UnixNano()-int64(setBack) && s.Low <= to.UnixNano()+int64(setBack) {
			out = append(out, s)
		}
	}
	return out
}

// seek finds the last entry of a stretch that was journaled before a time.
func seek(ctx context.Context, j Journal, s stretch, t time.Time) (uint64, error) {
	low, high := s.After, s.UpTo // low was journaled before t, as far as known
	for low < high {
		middle := low + (high-low)/2
		entries, err := j.Read(ctx, middle, 1)
		if err != nil {
			return 0, fmt.Errorf("cannot seek what was heard at %s: %w", t, err)
		}
		if len(entries) == 1 && entries[0].JournaledAt.Before(t) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
