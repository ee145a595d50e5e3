package erasure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// ReadingJournal is a journal whose fixes can be forgotten.
type ReadingJournal interface {
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	// Rewrite gives entries other bodies and leaves no trace of the old ones, nor of those
	// of a call that was cut off.
	Rewrite(ctx context.Context, entries []journal.Entry) error
}

// FixUpdates is where the places in updates are forgotten.
type FixUpdates interface {
	// ForgetPlaces takes the places out of the updates that were made of some entries of
	// the journal, in their order, leaves no trace of them, and tells how many there were.
	ForgetPlaces(ctx context.Context, entries []uint64) (int, error)
}

// rewriteAtOnce is how much of the journal is rewritten at a time: what is appended
// meanwhile waits for one rewriting at most.
const rewriteAtOnce = 512

// Fixes forgets the places of all fixes from before a time that no incident can need
// (see [Needs]) in the journal and in the updates, and returns how many. The entries
// stay, with their numbers, ids, kinds and times. Cut off at any instant it does what is
// left when it is called again: the journal comes last.
func Fixes(ctx context.Context, j ReadingJournal, u FixUpdates, roster []incident.Unit, before time.Time) (forgotten int, err error) {
	needs := NewNeeds(roster)
	if err := eachEntry(ctx, j, needs.Learn); err != nil {
		return 0, fmt.Errorf("cannot find out what incidents need: %w", err)
	}
	needs.Settle()
	var batch []journal.Entry
	flush := func() error {
		numbers := make([]uint64, len(batch))
		for i, e := range batch {
			numbers[i] = e.Seq
		}
		if _, err := u.ForgetPlaces(ctx, numbers); err != nil {
			return fmt.Errorf("cannot forget places in the updates: %w", err)
		}
		if err := j.Rewrite(ctx, batch); err != nil {
			return fmt.Errorf("cannot forget places in the journal: %w", err)
		}
		forgotten += len(batch)
		batch = batch[:0]
		return nil
	}
	err = eachEntry(ctx, j, func(e journal.Entry) error {
		if e.Kind != journal.KindReport || bytes.Contains(e.Body, isForgotten) {
			return nil
		}
		r, err := journal.Decode[devices.Report](e)
		if err != nil || !needs.Forgettable(e, r, before) {
			return err
		}
		if e.Body, err = json.Marshal(withoutPlace(r)); err != nil {
			return fmt.Errorf("cannot encode report %q: %w", r.ID, err)
		}
		if batch = append(batch, e); len(batch) < rewriteAtOnce {
			return nil
		}
		return flush()
	})
	return forgotten, errors.Join(err, flush()) // also of what an earlier call had no time for
}

// Along forgets in this machine's updates the places that are forgotten in a journal
// which another gateway rewrites, and tells how many.
func Along(ctx context.Context, j ReadingJournal, u FixUpdates) (forgotten int, err error) {
	var batch []uint64
	flush := func() error {
		n, err := u.ForgetPlaces(ctx, batch)
		if err != nil {
			return fmt.Errorf("cannot forget places in the updates: %w", err)
		}
		forgotten += n
		batch = batch[:0]
		return nil
	}
	err = eachEntry(ctx, j, func(e journal.Entry) error {
		if e.Kind != journal.KindReport || !bytes.Contains(e.Body, isForgotten) {
			return nil
		}
		if batch = append(batch, e.Seq); len(batch) < rewriteAtOnce {
			return nil
		}
		return flush()
	})
	return forgotten, errors.Join(err, flush())
}

var isForgotten = []byte(`"forgotten":true`)

// eachEntry reads the journal from its beginning.
func eachEntry(ctx context.Context, j ReadingJournal, take func(journal.Entry) error) error {
	return eachEntryAfter(ctx, j, 0, take)
}

func eachEntryAfter(ctx context.Context, j interface {
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
}, after uint64, take func(journal.Entry) error) error {
	for e, err := range journal.All(ctx, j, after) {
		switch {
		case errors.Is(err, journal.ErrCorrupt):
			continue // it stays as it is, and is shown by whoever needs it
		case err != nil:
			return err
		}
		if err := take(e); err != nil {
			return fmt.Errorf("entry %d: %w", e.Seq, err)
		}
	}
	return nil
}

// withoutPlace is what stays of a report: that its device spoke, when by each clock, and
// how it was heard. The tracker takes it as it took the whole, but for the place.
func withoutPlace(r *devices.Report) *devices.Report {
	return &devices.Report{
		ID: r.ID, Protocol: r.Protocol, Kind: r.Kind, Device: r.Device, Assurance: r.Assurance,
		ReceivedAt: r.ReceivedAt, Site: r.Site, ArrivedAt: r.ArrivedAt, SiteClockS: r.SiteClockS,
		DeviceTime: r.DeviceTime, ClockNote: r.ClockNote, MadeAt: r.MadeAt, Queued: r.Queued, Sequence: r.Sequence, Standing: r.Standing, Change: r.Change, ChangedAfter: r.ChangedAfter,
		BatteryPct: r.BatteryPct, Link: r.Link, Delivery: r.Delivery, Retained: r.Retained,
		Fix: &geo.Fix{Time: r.Fix.Time, NoLock: r.Fix.NoLock, Blurred: r.Fix.Blurred, Forgotten: true},
	}
}
