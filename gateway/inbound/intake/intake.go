package intake

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// Journal is where reports go; see journal.Journal.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	Last(ctx context.Context) (uint64, error)
}

// Options of an intake.
type Options struct {
	Codebook devices.Codebook
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Intake journals what links hear. It is safe for concurrent use.
type Intake struct {
	journal Journal
	now     func() time.Time
	log     *slog.Logger
	again   func(*devices.Report) // nil when nobody wants to know

	path string // of the checkpoint, empty for none
	// recalling is held while the journal is recalled; recalled is up to which entry.
	recalling sync.Mutex
	began     bool
	recalled  uint64
	upTo      entryMark // the newest entry at the last checkpoint
	kept      uint64    // up to which entry the checkpoint has all

	mu sync.Mutex
	// live is set once a frame was taken: from then on the intake knows by itself what
	// the journal has.
	live     bool
	codebook devices.Codebook
	dedup    *dedupCache
	settings settings
	bursts   bursts
	hearers  hearers
	ledgers  map[string]*account
	devices  deviceTable
	rejects  rejectLimiter
	// delivered are the reports of edge sites that only their content tells apart.
	delivered *byTime
	ranges    *recentMap[rangeKey, *journalRange]
	times     journalTimes
}

// New returns an intake that remembers nothing yet; see [Intake.Recall].
func New(j Journal, o Options) *Intake {
	return &Intake{
		journal: j, now: o.Now, log: o.Log, codebook: o.Codebook,
		dedup: newDedupCache(), settings: settings{newRecentMap[settingKey, *setting](changingAtMost, 2)},
		bursts: bursts{newRecentMap[devices.Identity, *presses](changingAtMost, 2)}, hearers: make(hearers), ledgers: make(map[string]*account),
		devices: deviceTable{newRecentMap[devices.Identity, *DeviceLedger](devicesAtMost, deviceTiers)}, delivered: newByTime(rememberAtMost), ranges: newRecentMap[rangeKey, *journalRange](rangesAtMost, 1),
	}
}

// OnDuplicate has f called with each report that was heard before and is on disk: its
// device may be waiting for an acknowledgement that it did not hear. It is called before the
// first frame comes.
func (in *Intake) OnDuplicate(f func(*devices.Report)) { in.again = f }

// SetCodebook changes what status codes mean from the next frame on.
func (in *Intake) SetCodebook(b devices.Codebook) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.codebook = b
}

// Heard is one frame as a link heard it.
type Heard struct {
	devices.Frame
	Link string
	// Account is the broker's user who sent it and showed a password, if any.
	Account string
	// Redelivered is set when the transport says that it sent this before.
	Redelivered bool
}

// Take journals frames, good and refused, and returns once they are on disk;
// only then may they be acknowledged. An error means that none may be.
func (in *Intake) Take(ctx context.Context, frames ...Heard) error {
	records, outcomes, err := in.prepare(frames)
	var results []journal.Result
	if err == nil && len(records) > 0 {
		results, err = in.journal.Append(ctx, records...)
	}
	in.commit(outcomes, results, err)
	if err != nil {
		return fmt.Errorf("cannot journal %d frames: %w", len(frames), err)
	}
	if in.again != nil {
		for _, f := range outcomes {
			if f.disposition == duplicate && f.report != nil {
				in.again(f.report)
			}
		}
	}
	return nil
}

// Shed counts frames that a link had to give up.
func (in *Intake) Shed(link string, n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	a := in.account(link)
	a.Received += uint64(n)
	a.Shed += uint64(n)
}

// Ledger returns what became of everything that one link received.
func (in *Intake) Ledger(link string) status.Ledger {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.account(link).Ledger
}

// Total returns the ledger of all links together.
func (in *Intake) Total() status.Ledger {
	in.mu.Lock()
	defer in.mu.Unlock()
	var sum status.Ledger
	for _, a := range in.ledgers {
		sum = sum.Plus(a.Ledger)
	}
	return sum
}
