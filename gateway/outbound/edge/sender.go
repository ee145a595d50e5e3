package edge

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"htgateway/devices"
	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/journal"
)

// Journal is the site's own.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error
	Last(ctx context.Context) (uint64, error)
	SaveSnapshot(ctx context.Context, fold string, seq uint64, state []byte) error
	Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error)
}

// Settings say who sends, and whereto.
type Settings struct {
	// Site is the name and Password the proof under which the centre knows the site.
	Site, Password string
	// Centres are the addresses of the centre's gateways, tried in turn.
	Centres []string
	// TLS is nil for the system's certificates.
	TLS *tls.Config
	// PerSecond is how many entries a second of what waited are sent at most.
	PerSecond int
	Now       func() time.Time
	Log       *slog.Logger
}

// Sender carries a site's journal to the centre. It is safe for concurrent use.
type Sender struct {
	s       Settings
	journal Journal
	post    *post
	place   *place // made by Run
	// wake has the next hello come at once.
	wake chan struct{}

	mu sync.Mutex
	// isUp is set while the centre takes what it is sent, since when and why not.
	isUp  bool
	since time.Time
	why   string
	// sent are the records that the centre took since the start.
	sent uint64
}

// notTried is why the centre is not reached before the first delivery. Whatever comes
// of that is reported: a password that never was right too.
const notTried = "not tried yet"

// New returns a sender that has not begun.
func New(j Journal, s Settings) *Sender {
	return &Sender{s: s, journal: j, post: newPost(s), wake: make(chan struct{}, 1), since: s.Now().UTC(), why: notTried}
}

// How often a site that has nothing to send tells that it is there, and how long it
// waits after an attempt that failed, at first and at most.
const (
	helloEvery  = 10 * time.Second
	againAfter  = 500 * time.Millisecond
	againAtMost = 2 * time.Second
)

// Run sends until ctx ends.
func (s *Sender) Run(ctx context.Context) error {
	pl, err := load(ctx, s.journal, s.s.Now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.place = pl
	s.mu.Unlock()
	s.post.noted = func(ctx context.Context, clockS, errorS float64) {
		if err := pl.clocks.measured(ctx, clockS, errorS); err != nil {
			s.s.Log.Warn("how the clock stands is not noted", "reason", err)
		}
	}
	if err := pl.save(ctx, true); err != nil {
		return err
	}
	group, life := errgroup.WithContext(ctx)
	group.Go(func() error { return s.hello(life) })
	group.Go(func() error { return s.catchUp(life) })
	group.Go(func() error { return s.watchClock(life) })
	group.Go(func() error {
		return s.journal.Follow(life, pl.next(), func(entries []journal.Entry) error { return s.live(life, entries) })
	})
	err = group.Wait()
	kept, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if saveErr := pl.save(kept, true); saveErr != nil {
		s.s.Log.Warn("what the centre has was not kept, some of it will be sent again", "reason", saveErr)
	}
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("sending to the centre stopped: %w", err)
}

// hello tells that the site is there, how its clock stands and what waits; and tries
// whether the centre is back.
func (s *Sender) hello(ctx context.Context) error {
	again := againAfter
	for {
		pause := helloEvery
		was := s.up()
		if s.send(ctx, nil) == nil {
			again = againAfter
			if !was {
				if err := s.pressedMeanwhile(ctx); err != nil {
					s.s.Log.Warn("keys of the last minutes come with what waits", "reason", err)
				}
			}
		} else {
			pause, again = again, min(2*again, againAtMost)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-s.wake:
			t.Stop()
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// meanwhile is how far back keys and emergencies go before all that waits once the
// centre is reached again, in time and in entries.
const (
	meanwhile        = 15 * time.Minute
	meanwhileEntries = 5000
)

// pressedMeanwhile sends the keys and emergencies of the last minutes, which may be
// what an incident waits for. They come again with the rest, and the centre knows them.
func (s *Sender) pressedMeanwhile(ctx context.Context) error {
	last, err := s.journal.Last(ctx)
	if err != nil {
		return err
	}
	entries, err := s.journal.Read(ctx, last-min(last, meanwhileEntries), meanwhileEntries)
	if err != nil {
		return err
	}
	since := s.s.Now().Add(-meanwhile)
	entries = slices.DeleteFunc(entries, func(e journal.Entry) bool { return e.JournaledAt.Before(since) })
	if keys := pressing(s.recordsOf(ctx, entries)); len(keys) > 0 {
		return s.send(ctx, keys)
	}
	return nil
}

// news is how old an entry may be to go before what waits.
const news = 5 * time.Second

// live sends entries as they come. While the centre cannot be reached, or the link is
// too slow for all of them, they wait; keys and emergencies are then tried at once.
func (s *Sender) live(ctx context.Context, entries []journal.Entry) error {
	last := entries[len(entries)-1].Seq
	behind := s.s.Now().Sub(entries[0].JournaledAt) > news
	now := s.recordsOf(ctx, entries)
	if behind {
		now = pressing(now)
	}
	up := s.up()
	if up && len(now) > 0 {
		up = s.send(ctx, now) == nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if up && !behind {
		s.place.done(last)
	} else {
		s.place.wait(last, entries[0].At)
	}
	if err := s.place.save(ctx, false); err != nil {
		s.s.Log.Warn("what the centre has was not kept", "reason", err)
	}
	return nil
}

// pressing are the records that hold a key or an emergency.
func pressing(records []Record) []Record {
	var out []Record
	for _, rec := range records {
		var r devices.Report
		if rec.Kind == journal.KindReport && json.Unmarshal(rec.Body, &r) == nil && (r.Emergency || r.Status != "") {
			out = append(out, rec)
		}
	}
	return out
}

// atOnce is how many entries that waited are sent together at most, or what half a
// second allows: a weak link is not to be busy with one delivery for long.
const atOnce = 1000

// catchUp sends what waits, oldest first and not faster than it may.
func (s *Sender) catchUp(ctx context.Context) error {
	pace := rate.NewLimiter(rate.Limit(s.s.PerSecond), max(1, min(atOnce, s.s.PerSecond/2)))
	for {
		gap, waits := s.place.oldest()
		if !waits || !s.up() {
			if err := s.pause(ctx, waits); err != nil {
				return err
			}
			continue
		}
		entries, err := s.journal.Read(ctx, gap.From, int(min(gap.To-gap.From, uint64(pace.Burst()))))
		if len(entries) == 0 {
			if err == nil {
				err = errors.New("it is not there")
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("cannot read entry %d for the centre: %w", gap.From+1, err)
		}
		if err := pace.WaitN(ctx, len(entries)); err != nil {
			return err
		}
		if err := s.deliver(ctx, s.recordsOf(ctx, entries)); err != nil {
			continue // it is in the state; the link is down until a hello gets through
		}
		end := entries[len(entries)-1]
		s.place.filled(end.Seq, end.At)
		if _, more := s.place.oldest(); !more {
			s.speak()
		}
		if err := s.place.save(ctx, false); err != nil {
			s.s.Log.Warn("what the centre has was not kept", "reason", err)
		}
	}
}

// pause waits for something to wait, or for the link.
func (s *Sender) pause(ctx context.Context, waits bool) error {
	var tick <-chan time.Time
	if waits {
		t := time.NewTimer(againAfter)
		defer t.Stop()
		tick = t.C
	}
	select {
	case <-s.place.grown:
	case <-tick:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !s.up() { // grown is sent for every frame then
		return reconnect.Pause(ctx, againAfter)
	}
	return nil
}

// deliver sends records that waited. One that the centre refuses for good is set aside
// in the site's journal, and does not hold up the others.
func (s *Sender) deliver(ctx context.Context, records []Record) error {
	if len(records) == 0 {
		return nil
	}
	err := s.send(ctx, records)
	var refused *refusedError
	if err == nil || !errors.As(err, &refused) {
		return err
	}
	if half := len(records) / 2; half > 0 {
		return errors.Join(s.deliver(ctx, records[:half]), s.deliver(ctx, records[half:]))
	}
	at := s.s.Now().UTC()
	rec, err := journal.NewRecord(journal.KindUnparsed, "x"+journal.Digest("centre", records[0].ID), at,
		journal.Unparsed{Link: "centre", At: at, Reason: refused.Error(), Raw: records[0].Body})
	if err != nil {
		return err
	}
	s.s.Log.Error("the centre refuses a record, it is set aside", "record", records[0].ID, "reason", refused)
	_, err = s.journal.Append(ctx, rec)
	return err
}

// speak has the next hello come at once: nothing waits any more, which the centre does
// not know yet, or the centre was lost and is sought.
func (s *Sender) speak() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Sender) up() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isUp
}

// send makes one attempt and notes how the way stands.
func (s *Sender) send(ctx context.Context, records []Record) error {
	d := Delivery{SentAt: s.s.Now().UTC(), Records: records}
	d.Waiting, d.WaitingSince = s.place.waiting()
	err := s.post.send(ctx, d)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var refused *refusedError
	s.mu.Lock()
	defer s.mu.Unlock()
	if up := err == nil || errors.As(err, &refused); up != s.isUp || s.why == notTried {
		s.isUp, s.since = up, s.s.Now().UTC()
		if up {
			s.s.Log.Info("the centre is reached", "waiting", d.Waiting)
		} else {
			s.s.Log.Warn("the centre is not reached, reports wait", "reason", err)
			s.speak()
		}
	}
	s.why = ""
	if err != nil {
		s.why = err.Error()
	} else {
		s.sent += uint64(len(records))
	}
	return err
}
