package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"htgateway/gateway/journal"
)

// Rewrite gives entries other bodies. Their messages are stored once more without what
// is to be forgotten, and then overwritten and taken out of the stream, and the copies
// of all gateways follow. What a server keeps for its own recovery (its replication
// log) goes when it is next compacted.
func (j *Journal) Rewrite(ctx context.Context, entries []journal.Entry) error {
	if len(entries) == 0 {
		return j.copy.Rewrite(ctx, nil)
	}
	_, err := j.ask(ctx, request{ctx: ctx, rewrite: entries})
	return err
}

// rewrite does one message after the other. Cut short, it is asked for again.
func (j *Journal) rewrite(ctx context.Context, entries []journal.Entry) error {
	bodies := map[uint64][]byte{}
	for _, e := range entries {
		bodies[e.Seq] = e.Body
	}
	for len(bodies) > 0 {
		var one uint64
		for seq := range bodies {
			one = seq
			break
		}
		target, old, err := j.locate(ctx, one)
		if err != nil {
			return err
		}
		epoch, leading := j.lease.leading()
		if !leading {
			return ErrStandby
		}
		b := &batch{mark: fmt.Sprintf("%s %d", j.lease.holder, time.Now().UnixNano()), epoch: epoch, first: old.first, at: old.at, target: target}
		if at := j.standing[target]; at > 0 {
			b.older = append(append(b.older, old.older...), at)
		}
		for i, r := range old.records {
			seq := old.first + uint64(i)
			if body, changed := bodies[seq]; changed {
				r.Body = body
				delete(bodies, seq)
			}
			b.records = append(b.records, r)
		}
		for {
			stored, err := j.publish(ctx, b)
			if err != nil {
				return err
			}
			if stored || j.marks[b.mark] {
				delete(j.marks, b.mark)
				break
			}
		}
		if err := j.takeOut(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// takeOut overwrites and deletes the messages in whose place another stands.
func (j *Journal) takeOut(ctx context.Context, b *batch) error {
	for _, seq := range append([]uint64{b.target}, b.older...) {
		err := j.stream.SecureDeleteMsg(ctx, seq)
		var api *jetstream.APIError
		gone := errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) || errors.As(err, &api)
		if err == nil || !gone {
			if err != nil {
				return fmt.Errorf("cannot take message %d out of the stream: %w", seq, err)
			}
			continue
		}
		if _, err := j.stream.GetMsg(ctx, seq); !errors.Is(err, jetstream.ErrMsgNotFound) {
			return errors.Join(fmt.Errorf("cannot take message %d out of the stream", seq), err)
		}
	}
	return nil
}

// finish takes out what an earlier rewriting had no time for.
func (j *Journal) finish(ctx context.Context) error {
	info, err := j.info(ctx)
	if err != nil {
		return err
	}
	if info.State.NumDeleted >= len(j.replaced) {
		return nil // nothing else is ever taken out
	}
	for _, b := range j.replaced {
		if b.first > 0 {
			if err := j.takeOut(ctx, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// replacement notes that a message stands in the place of another.
func (j *Journal) replacement(seq uint64, b *batch) {
	if j.standing[b.target] > seq {
		return
	}
	// Not its records: of a journal of years nearly all may have been rewritten.
	light := *b
	light.records = nil
	j.standing[b.target], j.replaced[b.target] = seq, &light
	for _, o := range b.older {
		j.replaced[o] = &batch{}
	}
}

// load reads the replacement that stands in the place of a message.
func (j *Journal) load(ctx context.Context, target uint64) (*batch, error) {
	msg, err := j.stream.GetMsg(ctx, j.standing[target])
	if err != nil {
		return nil, fmt.Errorf("cannot read message %d of the stream, which stands for message %d: %w", j.standing[target], target, err)
	}
	b, err := decode(msg.Data)
	if err != nil {
		return nil, fmt.Errorf("message %d of the stream: %w", j.standing[target], err)
	}
	return b, nil
}

// forget gives the copy's entries the bodies that a replacement has.
func (j *Journal) forget(ctx context.Context, b *batch) error {
	var rewritten []journal.Entry
	have, err := j.copy.Read(ctx, b.first-1, len(b.records))
	if err != nil && !errors.Is(err, journal.ErrCorrupt) {
		return err
	}
	for _, e := range have {
		if i := int(e.Seq - b.first); i < len(b.records) && !bytes.Equal(e.Body, b.records[i].Body) {
			e.Body = b.records[i].Body
			rewritten = append(rewritten, e)
		}
	}
	if len(rewritten) == 0 {
		return nil
	}
	return j.copy.Rewrite(ctx, rewritten)
}

// locate finds the message that holds an entry, or what stands in its place.
func (j *Journal) locate(ctx context.Context, entry uint64) (uint64, *batch, error) {
	low, high := uint64(1), j.applied
	for low <= high {
		middle := low + (high-low)/2
		// A replacement tells nothing of its own place: the next plain message does.
		at, b, err := j.plain(ctx, middle, high)
		if err != nil {
			return 0, nil, err
		}
		switch {
		case b == nil || entry < b.first:
			high = middle - 1
		case len(b.records) > 0 && entry <= b.end():
			return at, b, nil
		default:
			low = at + 1
		}
	}
	return 0, nil, fmt.Errorf("journal: no message of the stream holds entry %d", entry)
}

// plain is the first message from one on that holds entries of its own place.
func (j *Journal) plain(ctx context.Context, from, to uint64) (uint64, *batch, error) {
	for seq := from; seq <= to; seq++ {
		if b := j.replaced[seq]; b != nil {
			if b.first == 0 {
				continue
			}
			full, err := j.load(ctx, seq)
			return seq, full, err
		}
		msg, err := j.stream.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return 0, nil, fmt.Errorf("cannot read message %d of the stream: %w", seq, err)
		}
		b, err := decode(msg.Data)
		if err != nil {
			return 0, nil, fmt.Errorf("message %d of the stream: %w", seq, err)
		}
		if b.target == 0 {
			return seq, b, nil
		}
	}
	return 0, nil, nil
}

// collectReplaced reads what stands in the place of messages that were taken out,
// before the copy is brought up to date.
func (j *Journal) collectReplaced(ctx context.Context) error {
	subject := j.subject + ".replaced"
	info, err := j.stream.Info(ctx, jetstream.WithSubjectFilter(subject))
	if err != nil {
		return fmt.Errorf("cannot read what was replaced: %w", err)
	}
	n := info.State.Subjects[subject]
	if n == 0 {
		return nil
	}
	if n <= fewMessages {
		return j.fetchReplaced(ctx, subject, n)
	}
	consumer, err := j.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}})
	if err != nil {
		return fmt.Errorf("cannot read what was replaced: %w", err)
	}
	messages, err := consumer.Messages(inBulk...)
	if err != nil {
		return fmt.Errorf("cannot read what was replaced: %w", err)
	}
	defer messages.Stop()
	for range n {
		msg, err := messages.Next(jetstream.NextMaxWait(bulkWithin))
		if err != nil {
			return fmt.Errorf("cannot read what was replaced: %w", err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return fmt.Errorf("cannot read what was replaced: %w", err)
		}
		b, err := decode(msg.Data())
		if err != nil {
			return fmt.Errorf("message %d of the stream: %w", meta.Sequence.Stream, err)
		}
		j.replacement(meta.Sequence.Stream, b)
	}
	return nil
}

// fetchReplaced reads a few replacements one by one.
func (j *Journal) fetchReplaced(ctx context.Context, subject string, n uint64) error {
	for after := uint64(0); n > 0; n-- {
		msg, err := j.stream.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil // one of them was replaced itself meanwhile
		}
		if err != nil {
			return fmt.Errorf("cannot read what was replaced: %w", err)
		}
		b, err := decode(msg.Data)
		if err != nil {
			return fmt.Errorf("message %d of the stream: %w", msg.Sequence, err)
		}
		j.replacement(msg.Sequence, b)
		after = msg.Sequence
	}
	return nil
}
