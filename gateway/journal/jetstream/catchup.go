package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"htgateway/gateway/journal"
)

// apply puts one message of the stream into the copy. Messages come in their order,
// and one that comes again changes nothing.
func (j *Journal) apply(ctx context.Context, seq uint64, b *batch) error {
	if seq <= j.applied {
		return nil
	}
	if b.epoch > 0 {
		j.lease.heardOf(b.epoch)
	}
	if b.target > 0 {
		j.replacement(seq, b)
		if err := j.forget(ctx, b); err != nil {
			return err
		}
	} else if err := j.insert(ctx, seq, b); err != nil {
		return err
	}
	if strings.HasPrefix(b.mark, j.lease.holder) {
		j.marks[b.mark] = true
	}
	j.applied = seq
	return j.saveApplied(ctx, false)
}

// insert adds a message's entries to the copy.
func (j *Journal) insert(ctx context.Context, seq uint64, b *batch) error {
	if b.first > j.last+1 {
		return fmt.Errorf("%w: message %d begins with entry %d, and the copy ends with %d", journal.ErrCorrupt, seq, b.first, j.last)
	}
	if len(b.records) == 0 || b.end() <= j.last {
		return nil // copied before applied was saved
	}
	news := b.records[j.last+1-b.first:]
	j.copyNow.Store(b.at.UnixNano())
	results, err := j.copy.Append(ctx, news...)
	if err != nil {
		return fmt.Errorf("cannot copy message %d: %w", seq, err)
	}
	for i, r := range results {
		if r.Duplicate || r.Seq != j.last+1+uint64(i) {
			return fmt.Errorf("%w: record %q of message %d is entry %d of the copy", journal.ErrCorrupt, news[i].ID, seq, r.Seq)
		}
	}
	j.last = b.end()
	return nil
}

// How often the newest message that the copy has is saved; what is copied again after a crash
// is known by its number.
const (
	saveEvery    = 256
	saveInterval = 5 * time.Second
)

func (j *Journal) saveApplied(ctx context.Context, now bool) error {
	if j.applied == j.saved || !now && j.applied-j.saved < saveEvery && time.Since(j.savedAt) < saveInterval {
		return nil
	}
	j.saved, j.savedAt = j.applied, time.Now()
	return j.copy.SetCursor(ctx, appliedNote, j.applied)
}

// fewMessages are fetched one by one, more through a consumer.
const fewMessages = 32

// catchUp copies everything that the stream has now, and what comes meanwhile.
func (j *Journal) catchUp(ctx context.Context) error {
	for {
		info, err := j.info(ctx)
		if err != nil {
			return err
		}
		if info.State.LastSeq == j.applied {
			return nil
		}
		if err := j.reach(ctx, info.State.LastSeq); err != nil {
			return err
		}
	}
}

// reach copies the messages up to one that the stream has.
func (j *Journal) reach(ctx context.Context, newest uint64) error {
	switch {
	case newest < j.applied:
		// A leader that has just been elected may not have read its own log to its end.
		return fmt.Errorf("the stream ends with message %d, the copy has %d: unless the cluster is about to find more, it lost what it had acknowledged", newest, j.applied)
	case newest-j.applied > fewMessages:
		return j.consume(ctx, newest)
	}
	return j.fetchUpTo(ctx, newest)
}

func (j *Journal) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	try, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return j.stream.Info(try)
}

// fetchUpTo copies the next messages one by one.
func (j *Journal) fetchUpTo(ctx context.Context, newest uint64) error {
	for j.applied < newest {
		found, err := j.fetch(ctx)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("message %d of the stream is not there, and nothing stands in its place", j.applied+1)
		}
	}
	return nil
}

// fetch copies the next message; false when there is none yet.
func (j *Journal) fetch(ctx context.Context) (bool, error) {
	try, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	next := j.applied + 1
	msg, err := j.stream.GetMsg(try, next)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return j.instead(ctx, next)
	}
	if err != nil {
		return false, fmt.Errorf("cannot read message %d of the stream: %w", next, err)
	}
	b, err := decode(msg.Data)
	if err != nil {
		return false, fmt.Errorf("message %d of the stream: %w", next, err)
	}
	return true, j.apply(ctx, next, b)
}

// instead copies what stands in the place of a message that was taken out; false when
// there is none, or no such message yet. One that was taken out before it was copied
// has its replacement further on, where following alone never comes.
func (j *Journal) instead(ctx context.Context, seq uint64) (bool, error) {
	b := j.replaced[seq]
	if b == nil {
		if info, err := j.info(ctx); err != nil || info.State.LastSeq < seq {
			return false, err
		}
		if err := j.collectReplaced(ctx); err != nil {
			return false, err
		}
		if b = j.replaced[seq]; b == nil {
			return false, nil
		}
	}
	if b.first == 0 { // was itself a replacement, of a message that has a newer one
		j.applied = seq
		return true, nil
	}
	full, err := j.load(ctx, seq)
	if err != nil {
		return false, err
	}
	if err := j.insert(ctx, seq, full); err != nil {
		return false, err
	}
	j.applied = seq
	return true, nil
}

// inBulk is how many messages are read one after the other. The server now and then
// never hears the first request of a consumer that was just made; without a heartbeat
// the request is made again.
var inBulk = []jetstream.PullMessagesOpt{jetstream.PullMaxMessages(256), jetstream.PullHeartbeat(time.Second)}

// bulkWithin bounds the wait for the next of them: some heartbeats.
const bulkWithin = 10 * time.Second

// consume copies many messages.
func (j *Journal) consume(ctx context.Context, newest uint64) error {
	try, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	consumer, err := j.stream.OrderedConsumer(try, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: j.applied + 1})
	if err != nil {
		return fmt.Errorf("cannot read the stream from message %d on: %w", j.applied+1, err)
	}
	messages, err := consumer.Messages(inBulk...)
	if err != nil {
		return fmt.Errorf("cannot read the stream from message %d on: %w", j.applied+1, err)
	}
	defer messages.Stop()
	for j.applied < newest {
		msg, err := messages.Next(jetstream.NextMaxWait(bulkWithin))
		if err != nil {
			return fmt.Errorf("cannot read message %d of the stream: %w", j.applied+1, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return fmt.Errorf("cannot read message %d of the stream: %w", j.applied+1, err)
		}
		seq := meta.Sequence.Stream
		for j.applied+1 < seq {
			if found, err := j.fetch(ctx); err != nil || !found {
				return errors.Join(fmt.Errorf("message %d of the stream is not there", j.applied+1), err)
			}
		}
		b, err := decode(msg.Data())
		if err != nil {
			return fmt.Errorf("message %d of the stream: %w", seq, err)
		}
		if err := j.apply(ctx, seq, b); err != nil {
			return err
		}
	}
	return nil
}
