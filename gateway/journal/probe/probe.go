package probe

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// ID is the journal's id among the links.
const ID = "journal"

// How often, in real time, a journal is looked at, and how long one try may take.
const (
	Every     = time.Second
	tryWithin = 4 * time.Second
)

// Journal is the journal that is watched.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	Stats() journal.Stats
	// Trouble is why the newest write failed, or nil when it did not.
	Trouble() error
}

// Options of a probe.
type Options struct {
	// Writes tells whether this gateway may write to the journal; one that stands by may
	// not.
	Writes func() bool
	Now    func() time.Time
	Log    *slog.Logger
}

// Probe watches one journal. It is safe for concurrent use.
type Probe struct {
	journal Journal
	o       Options

	mu sync.Mutex
	// downSince is when the journal was first seen to take nothing, zero while it does;
	// upSince when it took something again. Why is of the newest time that it took nothing.
	downSince, upSince time.Time
	why                string
}

// New returns a probe of a journal that takes records, as far as is known.
func New(j Journal, o Options) *Probe {
	return &Probe{journal: j, o: o, upSince: o.Now().UTC()}
}

// Run looks at the journal until ctx ends.
func (p *Probe) Run(ctx context.Context) error {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.Check(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// Check looks at the journal once, and tries one that takes nothing.
func (p *Probe) Check(ctx context.Context) {
	now, trouble := p.o.Now().UTC(), p.journal.Trouble()
	since, why := p.note(now, trouble)
	if trouble == nil || !p.o.Writes() {
		return
	}
	rec, err := journal.NewRecord(journal.KindLink, "l"+journal.Digest(ID, now.Format(time.RFC3339Nano)), now, journal.LinkEvent{
		Link: ID, At: now, State: status.Up, Why: fmt.Sprintf("took nothing since %s: %s", since.Format(time.RFC3339), why),
	})
	if err != nil {
		p.o.Log.Error("journal event cannot be encoded", "reason", err)
		return
	}
	try, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	if _, err := p.journal.Append(try, rec); err == nil {
		p.o.Log.Warn("journal takes reports again", "since", since, "was", why)
	}
}

// note keeps when the journal stopped taking records, or began again, and returns since
// when it takes none and why.
func (p *Probe) note(now time.Time, trouble error) (since time.Time, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case trouble != nil && p.downSince.IsZero():
		p.downSince, p.why = now, trouble.Error()
	case trouble == nil && !p.downSince.IsZero():
		p.downSince, p.upSince = time.Time{}, now
	}
	return p.downSince, p.why
}

// Status is how a journal of this gateway's own stands.
func (p *Probe) Status() []status.Status {
	stats, trouble := p.journal.Stats(), p.journal.Trouble()
	s := status.Status{ID: ID, Kind: "journal", Protocol: "sqlite", State: status.Up, Reports: stats.Entries}
	if n := stats.Damaged; n > 0 {
		s.Why = fmt.Sprintf("%d catatan rusak (yang pertama nomor %d) dan tidak ikut dihitung; pulihkan cadangan terbaru / "+
			"%d records are damaged (the first is entry %d) and left out of everything; restore the newest backup",
			n, stats.FirstDamaged, n, stats.FirstDamaged)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s.Since = p.upSince
	if trouble != nil {
		since := p.downSince
		if since.IsZero() {
			since = p.o.Now().UTC()
		}
		s.NotReady = "the journal cannot be written, nothing is acknowledged: " + trouble.Error()
		s = s.DownSince(since, "jurnal tidak dapat ditulis, tidak ada yang diakui / the journal cannot be written, nothing is acknowledged: "+trouble.Error())
	}
	return []status.Status{s}
}
