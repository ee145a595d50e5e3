package jetstream

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/journal"
)

// restoringMark is in a stream's metadata while it is being filled from a backup.
const restoringMark = "htgateway_restoring"

// ErrNotEmpty is wrapped when a journal was to be restored over another.
var ErrNotEmpty = errors.New("the area has a journal already: restore overwrites nothing")

// errUnfinished is what a stream is called that a restore did not finish.
var errUnfinished = errors.New("the area's journal is being restored, or that was broken off: it is not whole. Restore the backup again")

// checkWhole refuses a stream that is being filled from a backup, or was not filled to its end.
func checkWhole(s jetstream.Stream) error {
	if _, half := s.CachedInfo().Config.Metadata[restoringMark]; half {
		return errUnfinished
	}
	return nil
}

// Restore fills the area's stream, which must be missing or empty, with entries that are
// numbered from one on, and reads them back. Until all that is done the stream is marked,
// and no gateway opens it; one that an earlier call left half-filled is begun anew.
// The result is the sum of what the stream holds.
func Restore(ctx context.Context, o Options, entries iter.Seq2[journal.Entry, error]) (sum *journal.Sum, err error) {
	j := &Journal{o: o, subject: subjectOf(o.Area), lease: lease{holder: o.Name + " restore " + rand.Text()[:12]}}
	if err := j.connect(); err != nil {
		return nil, fmt.Errorf("cannot restore the journal of %q: %w", o.Area, err)
	}
	defer j.connection.Close()
	if sum, err = j.restore(ctx, entries); err != nil {
		return nil, fmt.Errorf("cannot restore the journal of %q: %w", o.Area, err)
	}
	return sum, nil
}

func (j *Journal) restore(ctx context.Context, entries iter.Seq2[journal.Entry, error]) (*journal.Sum, error) {
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	if err := untilElected(opening, func() error { return j.lease.open(opening, j.js, j.o) }); err != nil {
		return nil, err
	}
	// No gateway begins to write, and no second restore, while this one holds the lease.
	// One that was cut off a moment ago still has it for a while.
	takeover, end := context.WithTimeout(opening, 2*j.o.Lease)
	defer end()
	revision, err := j.lease.take(takeover)
	if err != nil && opening.Err() == nil && j.lease.heldBy() != "" {
		return nil, fmt.Errorf("%s runs on this area's journal: stop it and its standby first", j.lease.heldBy())
	}
	if err != nil {
		return nil, err
	}
	lost := j.lease.hold(revision)
	defer j.lease.release()
	if err := j.makeMarked(opening); err != nil {
		return nil, err
	}
	put := journal.NewSum()
	if err := j.fill(ctx, lost, put, entries); err != nil {
		return nil, err
	}
	have, err := j.sum(ctx, put.Entries())
	if err != nil {
		return nil, fmt.Errorf("cannot read back what was restored: %w", err)
	}
	if have.String() != put.String() {
		return nil, fmt.Errorf("%w: the stream holds other than what was put into it", journal.ErrCorrupt)
	}
	return have, j.unmark(ctx)
}

// makeMarked makes the stream, marked as one that is being filled.
func (j *Journal) makeMarked(ctx context.Context) error {
	there, err := j.js.Stream(ctx, streamName(j.o.Area))
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
	case err != nil:
		return err
	case checkWhole(there) == nil && there.CachedInfo().State.LastSeq > 0:
		return fmt.Errorf("%w (%d messages in the stream %s)", ErrNotEmpty, there.CachedInfo().State.LastSeq, streamName(j.o.Area))
	default:
		// Empty, or the half of a restore: nobody else has written to it.
		if err := j.js.DeleteStream(ctx, streamName(j.o.Area)); err != nil {
			return fmt.Errorf("cannot begin the stream anew: %w", err)
		}
	}
	c := streamOf(j.o)
	c.Metadata = map[string]string{restoringMark: time.Now().UTC().Format(time.RFC3339)}
	return untilElected(ctx, func() (err error) {
		j.stream, err = j.js.CreateStream(ctx, c)
		return err
	})
}

// unmark takes the mark off.
func (j *Journal) unmark(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	return untilElected(ctx, func() error {
		s, err := j.js.UpdateStream(ctx, streamOf(j.o))
		if err != nil {
			return err
		}
		return checkWhole(s)
	})
}

// fill publishes entries, those that were journaled together in one message.
func (j *Journal) fill(ctx context.Context, lost <-chan struct{}, sum *journal.Sum, entries iter.Seq2[journal.Entry, error]) error {
	b, size := &batch{}, 0
	way := &inFlight{j: j}
	flush := func() error {
		if len(b.records) == 0 {
			return nil
		}
		select {
		case <-lost:
			return errors.New("another took the area's journal over")
		default:
		}
		b.mark = j.lease.holder
		if err := way.send(ctx, b.encode()); err != nil {
			return fmt.Errorf("cannot store entries up to %d: %w", b.end(), err)
		}
		b, size = &batch{}, 0
		return nil
	}
	for e, err := range entries {
		if err == nil {
			err = sum.Add(e)
		}
		if err != nil {
			return err
		}
		if len(b.records) == mostRecords || size+len(e.Body) > mostBytes || !e.JournaledAt.Equal(b.at) {
			if err := flush(); err != nil {
				return err
			}
			b.first, b.at = e.Seq, e.JournaledAt
		}
		b.records = append(b.records, e.Record)
		size += len(e.Body)
	}
	if err := flush(); err != nil {
		return err
	}
	return way.settle(ctx, 0)
}

// inFlight are messages that were sent one after the other and whose arrival is not
// known yet: waiting for each would take the cluster's round trip a message.
type inFlight struct {
	j    *Journal
	sent []sent
}

type sent struct {
	payload []byte
	arrived jetstream.PubAckFuture // nil when it could not even be sent
}

// mostInFlight bounds them: half a megabyte each at most.
const mostInFlight = 64

// send sends one more message, to stand right after the one before.
func (w *inFlight) send(ctx context.Context, payload []byte) error {
	after := w.j.applied + uint64(len(w.sent))
	arrived, err := w.j.js.PublishMsgAsync(&nats.Msg{Subject: w.j.subject, Data: payload}, jetstream.WithExpectLastSequence(after), jetstream.WithRetryAttempts(0))
	if err != nil {
		arrived = nil // it is sent again when its turn comes
	}
	w.sent = append(w.sent, sent{payload, arrived})
	return w.settle(ctx, mostInFlight)
}

// settle waits until no more than so many are on the way.
func (w *inFlight) settle(ctx context.Context, most int) error {
	for len(w.sent) > most {
		first := w.sent[0]
		w.sent = w.sent[1:]
		if first.arrived != nil {
			select {
			case <-first.arrived.Ok():
				w.j.applied++
				continue
			case <-first.arrived.Err():
			case <-time.After(storeWithin / 4):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := w.j.put(ctx, first.payload); err != nil {
			return err
		}
	}
	return nil
}

// put stores one message right after the one before, and waits for it.
func (j *Journal) put(ctx context.Context, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	for {
		_, err := j.attempt(ctx, j.subject, payload)
		if err != nil {
			// It may be there from an attempt that seemed to fail.
			if found, findErr := j.stream.GetMsg(ctx, j.applied+1); findErr == nil && bytes.Equal(found.Data, payload) {
				err = nil
			}
		}
		if err == nil {
			j.applied++
			return nil
		}
		if reconnect.Pause(ctx, 50*time.Millisecond) != nil {
			return explain(err)
		}
	}
}

// sum reads the stream, in which nothing was replaced, up to an entry.
func (j *Journal) sum(ctx context.Context, last uint64) (*journal.Sum, error) {
	sum := journal.NewSum()
	if last == 0 {
		return sum, nil
	}
	consumer, err := j.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{j.subject}})
	if err != nil {
		return nil, err
	}
	messages, err := consumer.Messages(inBulk...)
	if err != nil {
		return nil, err
	}
	defer messages.Stop()
	for sum.Entries() < last {
		msg, err := messages.Next(jetstream.NextMaxWait(bulkWithin))
		if err != nil {
			return nil, err
		}
		b, err := decode(msg.Data())
		if err != nil {
			return nil, err
		}
		for i, r := range b.records {
			if err := sum.Add(journal.Entry{Seq: b.first + uint64(i), JournaledAt: b.at, Record: r}); err != nil {
				return nil, err
			}
		}
	}
	return sum, nil
}
