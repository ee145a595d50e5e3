package cluster_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/cluster"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// area is a shared journal that g1 writes until it is vacated.
type area struct {
	journal.Journal // what is not asked for

	last    uint64
	appends chan journal.Entry
	vacant  chan struct{}
	lost    chan struct{}

	mu      sync.Mutex
	cursors map[string]uint64
	trouble error
}

func newArea(last uint64) *area {
	return &area{last: last, appends: make(chan journal.Entry), vacant: make(chan struct{}), lost: make(chan struct{})}
}

func (a *area) vacate() { close(a.vacant) }

func (a *area) Lead(ctx context.Context) (<-chan struct{}, error) {
	select {
	case <-a.vacant:
		return a.lost, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *area) Writer() string {
	select {
	case <-a.vacant:
		return ""
	default:
		return "g1"
	}
}

func (a *area) SharePublished(_ context.Context, c map[string]uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cursors = maps.Clone(c)
	return nil
}

func (a *area) PublishedEntries(context.Context) (map[string]uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.cursors), nil
}

func (a *area) Last(context.Context) (uint64, error) { return a.last, nil }
func (a *area) Stats() journal.Stats                 { return journal.Stats{Entries: a.last} }

func (a *area) Trouble() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.trouble
}

func (a *area) Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error {
	for {
		select {
		case e := <-a.appends:
			if e.Seq <= after {
				continue
			}
			if err := take([]journal.Entry{e}); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// ready is a part that is up to date.
type ready struct{ err error }

func (r ready) Ready(context.Context) error  { return r.err }
func (r ready) Recall(context.Context) error { return r.err }
func (ready) CatchUp(context.Context) error  { return nil }

// cursors are how far the sinks are.
type cursors struct {
	mu sync.Mutex
	at map[string]uint64
}

func (c *cursors) PublishedEntries(context.Context) (map[string]uint64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.at), nil
}

func (c *cursors) SetPublished(_ context.Context, sink string, u incident.Update) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[string]uint64{}
	}
	c.at[sink] = u.JournalSeq
	return nil
}

func join(t *testing.T, j journal.Journal) *cluster.Member {
	t.Helper()
	m, err := cluster.Join(t.Context(), j, cluster.Options{Area: "a", Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAloneLeadsAtOnce(t *testing.T) {
	t.Parallel()
	m := join(t, struct{ journal.Journal }{})
	if !m.Alone() || m.Leads() || m.Standby() != "" || len(m.Status()) != 0 {
		t.Errorf("before: alone %v, leads %v, %q, %v", m.Alone(), m.Leads(), m.Standby(), m.Status())
	}
	lost, err := m.TakeOver(t.Context(), cluster.Parts{})
	if lost != nil || err != nil || !m.Leads() {
		t.Errorf("lost %v, error %v, leads %v", lost, err, m.Leads())
	}
	if err := m.ShareCursors(t.Context(), &cursors{}); err != nil {
		t.Error(err)
	}
}

// TestAnotherRoster: while the leader enrols somebody, who stands by folds along.
func TestAnotherRoster(t *testing.T) {
	t.Parallel()
	a := newArea(7)
	m := join(t, a)
	ended, roster := make(chan error, 1), make(enrolments, 10)
	go func() {
		_, err := m.TakeOver(t.Context(), cluster.Parts{State: ready{}, Roster: roster, Intake: ready{}, Cursors: &cursors{}})
		ended <- err
	}()
	entry := func(seq uint64, kind journal.Kind) journal.Entry {
		return journal.Entry{Seq: seq, Record: journal.Record{Kind: kind}}
	}
	a.appends <- entry(7, journal.KindEnrolment) // read when it joined
	a.appends <- entry(8, journal.KindReport)
	a.appends <- entry(9, journal.KindEnrolment)
	<-roster
	a.vacate()
	if err := <-ended; err != nil || !m.Leads() {
		t.Errorf("error %v, leads %v", err, m.Leads())
	}
	if len(roster) != 1 {
		t.Errorf("before it leads it takes what is left %d times", len(roster))
	}
}

// enrolments hears whenever they are read.
type enrolments chan struct{}

func (e enrolments) CatchUp(context.Context) error {
	e <- struct{}{}
	return nil
}

func TestNotUpToDate(t *testing.T) {
	t.Parallel()
	broken := ready{errors.New("damaged")}
	for name, p := range map[string]cluster.Parts{
		"state": {State: broken, Roster: ready{}, Intake: ready{}, Cursors: &cursors{}}, "intake": {State: ready{}, Roster: ready{}, Intake: broken, Cursors: &cursors{}},
	} {
		a := newArea(1)
		a.vacate()
		m := join(t, a)
		if _, err := m.TakeOver(t.Context(), p); err == nil || m.Leads() {
			t.Errorf("%s: error %v, leads %v", name, err, m.Leads())
		}
	}
}

func TestHowASharedJournalStands(t *testing.T) {
	t.Parallel()
	a := newArea(7)
	m := join(t, a)
	if s := m.Status()[0]; s.State != status.Up || s.Reports != 7 || s.Why != "siaga / standing by; the area's active gateway is g1" {
		t.Errorf("%+v", s)
	}
	a.trouble = errors.New("no quorum")
	if s := m.Status()[0]; s.State != status.Down || s.Why != "no quorum" {
		t.Errorf("%+v", s)
	}
	a.trouble = nil
	a.vacate()
	if s := m.Standby(); !strings.HasSuffix(s, "has no active gateway yet") {
		t.Error(s)
	}
	lost, err := m.TakeOver(t.Context(), cluster.Parts{State: ready{}, Roster: ready{}, Intake: ready{}, Cursors: &cursors{}})
	if s := m.Status()[0]; err != nil || lost == nil || s.Why != "" || m.Standby() != "" {
		t.Errorf("%+v, %v, %q", s, err, m.Standby())
	}
}

// TestCursorsAreShared with the others as they change.
func TestCursorsAreShared(t *testing.T) {
	t.Parallel()
	a := newArea(7)
	m := join(t, a)
	sinks := &cursors{at: map[string]uint64{"mqtt": 3}}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.ShareCursors(ctx, sinks) }()
	deadline := time.Now().Add(10 * time.Second)
	for {
		if got, _ := a.PublishedEntries(ctx); got["mqtt"] == 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("never shared")
		}
		time.Sleep(20 * time.Millisecond)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
