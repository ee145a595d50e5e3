package probe_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/probe"
	"htgateway/gateway/status"
)

// TestWhoStandsByDoesNotWrite: a journal of which another gateway is the writer is looked
// at and not tried.
func TestWhoStandsByDoesNotWrite(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{trouble: errors.New("no quorum")}
	p := probe.New(disk, probe.Options{Writes: func() bool { return false }, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	p.Check(t.Context())
	if s := p.Status()[0]; len(disk.tries) != 0 || s.State != status.Down || !strings.HasSuffix(s.Why, ": no quorum") {
		t.Errorf("%d tries, %+v", len(disk.tries), s)
	}
}

// TestDamagedRecordsAreShown while the journal takes others.
func TestDamagedRecordsAreShown(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{stats: journal.Stats{Entries: 90, Damaged: 2, FirstDamaged: 7}}
	p := probe.New(disk, probe.Options{Writes: func() bool { return true }, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	s := p.Status()[0]
	if s.State != status.Up || s.Reports != 90 || !strings.Contains(s.Why, "2 records are damaged (the first is entry 7)") {
		t.Errorf("%+v", s)
	}
	// Trouble that no check has seen yet counts from now.
	disk.trouble = errors.New("full")
	if s := p.Status()[0]; s.State != status.Down || time.Since(s.Since) > time.Minute || strings.Contains(s.Why, "damaged") {
		t.Errorf("%+v", s)
	}
}
