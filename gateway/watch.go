package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// How often, in real time, the gateway looks whether everything received is accounted
// for, and how often it tries a journal again that takes nothing.
const (
	ledgerEvery = time.Minute
	probeEvery  = time.Second
)

// watch is what the gateway knows of its own soundness.
type watch struct {
	mu sync.Mutex
	// downSince is when the journal was first seen to take nothing, zero while it does;
	// upSince when it took something again.
	downSince, upSince time.Time
	why                string
	// missing are frames that no line of a link's ledger has, by link.
	missing map[string]int64
}

// keepWatch looks after ledgers and journal until ctx ends.
func (g *Gateway) keepWatch(ctx context.Context) error {
	ledgers, probe := time.NewTicker(ledgerEvery), time.NewTicker(probeEvery)
	defer ledgers.Stop()
	defer probe.Stop()
	for {
		select {
		case <-ledgers.C:
			g.checkLedgers()
		case <-probe.C:
			g.checkJournal(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// checkLedgers holds every link to received = stored + duplicate + set aside + shed +
// what waits for the journal.
func (g *Gateway) checkLedgers() {
	ledgers := map[string]intake.Ledger{}
	for _, l := range g.links {
		ledgers[l.id] = g.intake.Ledger(l.id)
	}
	missing := unaccounted(ledgers)
	for link, n := range missing {
		l := ledgers[link]
		g.o.Log.Error("ledger does not balance", "link", link, "missing", n, "received", l.Received, "stored", l.Stored,
			"duplicates", l.Duplicates, "set_aside", l.SetAside, "shed", l.Shed, "pending", l.Pending)
	}
	g.watch.mu.Lock()
	defer g.watch.mu.Unlock()
	g.watch.missing = missing
}

// unaccounted are the frames that no line of a ledger has, by link, of the ledgers
// that do not balance. Below zero more was booked than received.
func unaccounted(ledgers map[string]intake.Ledger) map[string]int64 {
	out := map[string]int64{}
	for link, l := range ledgers {
		if !l.Balanced() {
			out[link] = int64(l.Received) - int64(l.Stored+l.Duplicates+l.SetAside+l.Shed+l.Pending) // #nosec G115 -- counts
		}
	}
	return out
}

// missingOf is what the newest check found missing of a link.
func (w *watch) missingOf(link string) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missing[link]
}

// checkJournal tries a journal that takes nothing until it does, so that the gateway
// recovers though nobody sends. What makes the try is worth keeping: from when and why
// nothing was taken.
func (g *Gateway) checkJournal(ctx context.Context) {
	err := g.journal.Trouble()
	w, now := &g.watch, g.o.Now().UTC()
	w.mu.Lock()
	switch {
	case err != nil && w.downSince.IsZero():
		w.downSince, w.why = now, err.Error()
	case err == nil && !w.downSince.IsZero():
		w.downSince, w.upSince = time.Time{}, now
	}
	since, why := w.downSince, w.why
	w.mu.Unlock()
	if err == nil || !g.acts() {
		return
	}
	rec, err := journal.NewRecord(journal.KindLink, "l"+journal.Digest(journalLink, now.Format(time.RFC3339Nano)), now, journal.LinkEvent{
		Link: journalLink, At: now, State: "up", Why: fmt.Sprintf("took nothing since %s: %s", since.Format(time.RFC3339), why),
	})
	if err != nil {
		g.o.Log.Error("journal event cannot be encoded", "reason", err)
		return
	}
	try, cancel := context.WithTimeout(ctx, drainWithin)
	defer cancel()
	if _, err := g.journal.Append(try, rec); err == nil {
		g.o.Log.Warn("journal takes reports again", "since", since, "was", why)
	}
}

// journalLink is the journal's id among the links.
const journalLink = "journal"

// addJournal shows a journal of this gateway's own among the links; see addShared for
// one in a cluster.
func (g *Gateway) addJournal() {
	if g.shared.log != nil {
		return
	}
	g.watch.upSince = g.since
	g.tellers = append(g.tellers, teller{view: func() []status.Status {
		stats := g.journal.Stats()
		v := status.Status{ID: journalLink, Kind: "journal", Protocol: "sqlite", State: "up", Reports: stats.Entries}
		if n := stats.Damaged; n > 0 {
			v.Why = fmt.Sprintf("%d catatan rusak (yang pertama nomor %d) dan tidak ikut dihitung; pulihkan cadangan terbaru / %d records are damaged (the first is entry %d) and left out of everything; restore the newest backup", n, stats.FirstDamaged, n, stats.FirstDamaged)
		}
		err := g.journal.Trouble()
		g.watch.mu.Lock()
		defer g.watch.mu.Unlock()
		v.Since = g.watch.upSince
		if err != nil {
			v.State, v.Why = "down", "jurnal tidak dapat ditulis, tidak ada yang diakui / the journal cannot be written, nothing is acknowledged: "+err.Error()
			if v.Since = g.watch.downSince; v.Since.IsZero() {
				v.Since = g.o.Now().UTC()
			}
		}
		return []status.Status{v}
	}})
}
