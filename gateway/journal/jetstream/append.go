package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/journal"
)

// A message holds so many bytes of bodies at most (a server's limit is 1 MiB unless it
// is configured otherwise), and so many records.
const (
	mostBytes   = 512 << 10
	mostRecords = 4096
)

// request is one append that waits for its message, or a claim, which has no records,
// or something to forget.
type request struct {
	ctx     context.Context
	records []journal.Record
	rewrite []journal.Entry
	answer  chan<- journal.Outcome
}

// Append returns once the records are on the disks of a majority of the cluster and in
// the copy. Records that do not fit into one message may be stored in part when it
// fails; nothing may be acknowledged then.
func (j *Journal) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	var results []journal.Result
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && n < mostRecords && (n == 0 || size+len(records[n].Body) <= mostBytes) {
			size += len(records[n].Body)
			n++
		}
		own, err := j.ask(ctx, request{ctx: ctx, records: records[:n]})
		if err != nil {
			return nil, err
		}
		results, records = append(results, own...), records[n:]
	}
	return results, nil
}

func (j *Journal) ask(ctx context.Context, r request) ([]journal.Result, error) {
	outcome := make(chan journal.Outcome, 1)
	r.answer = outcome
	return j.queue.Ask(ctx, r, outcome)
}

// Lead waits until this gateway is the one that writes, and returns once the copy has
// everything that was written before. Lost is closed when another took over.
func (j *Journal) Lead(ctx context.Context) (lost <-chan struct{}, err error) {
	for {
		revision, err := j.lease.take(ctx)
		if err != nil {
			return nil, err
		}
		lost = j.lease.hold(revision)
		// A message of its own says so: from here on whoever wrote before can not.
		_, err = j.ask(ctx, request{ctx: ctx})
		if err == nil {
			return lost, nil
		}
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return nil, err
		}
		j.o.Log.Warn("the journal cannot be taken over yet", "reason", err)
		j.lease.release()
	}
}

// Writer is the gateway that writes the journal, by its name, as far as it is known.
func (j *Journal) Writer() string { return j.lease.heldBy() }

// followEvery is how often the stream is looked at when no news came.
const followEvery = time.Second

// run is the one goroutine that writes, and that copies what others write.
func (j *Journal) run() {
	defer close(j.queue.Done)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case r := <-j.queue.Requests:
			j.commit(j.gather(r))
			continue
		case <-j.news:
		case <-tick.C:
		case <-j.queue.Stop:
			j.queue.Drain(func(r request) { j.commit(j.gather(r)) })
			return
		}
		if _, leading := j.lease.leading(); !leading {
			j.follow()
		}
	}
}

// follow copies what others wrote.
func (j *Journal) follow() {
	for range 2 { // the news may come before the message is stored
		for {
			found, err := j.fetch(context.Background())
			if err != nil {
				j.o.Log.Warn("the journal of others is not followed", "reason", err)
				return
			}
			if !found {
				break
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-j.queue.Stop:
			return
		}
	}
}

// gather takes every append that is waiting now and fits.
func (j *Journal) gather(first request) []request {
	group := []request{first}
	size := bytesOf(first)
	for n := len(first.records); n < mostRecords && size < mostBytes/2 && first.rewrite == nil; {
		select {
		case r := <-j.queue.Requests:
			if r.rewrite != nil || size+bytesOf(r) > mostBytes+mostBytes/2 {
				j.commit(group)
				group, size, n = nil, 0, 0
			}
			group = append(group, r)
			size += bytesOf(r)
			n += len(r.records)
			if r.rewrite != nil {
				return group
			}
		default:
			return group
		}
	}
	return group
}

func bytesOf(r request) (n int) {
	for i := range r.records {
		n += len(r.records[i].Body)
	}
	return n
}

// commit stores a group in one message and answers everybody in it.
func (j *Journal) commit(group []request) {
	var waiting []request
	for _, r := range group {
		switch {
		case r.ctx.Err() != nil: // nobody waits for it any more; it will be offered again
			r.answer <- journal.Outcome{Err: r.ctx.Err()}
		case r.rewrite != nil:
			r.answer <- journal.Outcome{Err: j.rewrite(r.ctx, r.rewrite)}
		default:
			waiting = append(waiting, r)
		}
	}
	if len(waiting) == 0 {
		return
	}
	results, err := j.store(waiting)
	if !errors.Is(err, ErrStandby) {
		j.note(err)
	}
	if err != nil && !errors.Is(err, ErrStandby) {
		j.o.Log.Error("journal cannot write", "area", j.o.Area, "reason", err)
	}
	if claim := len(waiting[0].records) == 0; claim && err == nil {
		if err := j.finish(waiting[0].ctx); err != nil {
			j.o.Log.Warn("something to forget is still in the stream; it is tried again at the next start", "reason", err)
		}
	}
	for i, r := range waiting {
		if err != nil {
			r.answer <- journal.Outcome{Err: err}
			continue
		}
		r.answer <- journal.Outcome{Results: results[i]}
	}
}

// storeWithin is how long a message is tried to be stored: longer than an election.
const storeWithin = 20 * time.Second

// store puts what is new of a group into the stream and the copy.
func (j *Journal) store(group []request) ([][]journal.Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeWithin)
	defer cancel()
	mark := fmt.Sprintf("%s %d", j.lease.holder, time.Now().UnixNano())
	for {
		epoch, leading := j.lease.leading()
		if !leading {
			return nil, ErrStandby
		}
		b, results, err := j.prepare(ctx, group, mark, epoch)
		if err != nil || len(b.records) == 0 && len(group) > 0 && len(group[0].records) > 0 {
			return results, err
		}
		stored, err := j.publish(ctx, b)
		if err != nil || stored {
			return results, err
		}
		if j.marks[mark] { // an attempt that seemed to fail
			delete(j.marks, mark)
			return results, nil
		}
	}
}

// prepare makes a message of what the copy does not have yet.
func (j *Journal) prepare(ctx context.Context, group []request, mark string, epoch uint64) (*batch, [][]journal.Result, error) {
	b := &batch{mark: mark, epoch: epoch, first: j.last + 1, at: j.o.Now().UTC()}
	results := make([][]journal.Result, len(group))
	here := map[string]uint64{}
	for i, r := range group {
		results[i] = make([]journal.Result, len(r.records))
		for k, rec := range r.records {
			if seq, twice := here[rec.ID]; twice {
				results[i][k] = journal.Result{Seq: seq, Duplicate: true}
				continue
			}
			e, found, err := j.copy.Find(ctx, rec.ID)
			if err != nil && !errors.Is(err, journal.ErrCorrupt) {
				return b, nil, err
			}
			if found || err != nil {
				results[i][k] = journal.Result{Seq: e.Seq, Duplicate: true}
				here[rec.ID] = e.Seq
				continue
			}
			seq := b.first + uint64(len(b.records))
			b.records = append(b.records, rec)
			results[i][k], here[rec.ID] = journal.Result{Seq: seq}, seq
		}
	}
	return b, results, nil
}

// publish tries to store a message right after the newest that the copy has. It
// returns true once that is done, and false when another message stands there, which
// is in the copy then.
func (j *Journal) publish(ctx context.Context, b *batch) (stored bool, err error) {
	subject := j.subject
	if b.target > 0 {
		subject += ".replaced"
	}
	payload := b.encode()
	for {
		seq, err := j.attempt(ctx, subject, payload)
		var api *jetstream.APIError
		switch {
		case err == nil:
			if err := j.apply(ctx, seq, b); err != nil {
				return false, err
			}
			delete(j.marks, b.mark)
			j.commits.Add(1)
			for _, r := range b.records {
				j.bytes.Add(uint64(len(r.Body)))
			}
			return true, nil
		case errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant):
			before := j.applied
			if err := j.catchUp(ctx); err != nil {
				j.o.Log.Warn("the journal's stream cannot be read", "reason", err)
			}
			if j.applied != before {
				return false, nil
			}
		case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrConnectionClosed):
			return false, explain(err)
		}
		// No leader, no answer, or an earlier attempt is still on its way: the same again
		// cannot be stored twice.
		if _, leading := j.lease.leading(); !leading && b.epoch > 0 {
			return false, ErrStandby
		}
		if reconnect.Pause(ctx, 50*time.Millisecond) != nil {
			return false, explain(err)
		}
	}
}

func explain(err error) error {
	if text := err.Error(); strings.Contains(text, "insufficient") || strings.Contains(text, "resource limits") {
		return fmt.Errorf("cannot store in the journal: %w: %w", journal.ErrNoSpace, err)
	}
	return fmt.Errorf("cannot store in the journal: %w", err)
}

func (j *Journal) attempt(ctx context.Context, subject string, payload []byte) (uint64, error) {
	try, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ack, err := j.js.Publish(try, subject, payload, jetstream.WithExpectLastSequence(j.applied), jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}
