package updatelog

import (
	"context"
	"fmt"
	"time"

	"htgateway/gateway/incident"
)

// followBatch is how many updates Follow hands over at once.
const followBatch = 1000

// Read returns up to limit updates after the given number, in order.
func (l *Log) Read(ctx context.Context, after uint64, limit int) ([]incident.Update, error) {
	us, err := l.next(ctx, after, limit)
	for err == nil && len(us) > 0 && len(us) < limit {
		more := l.near(us[len(us)-1].Seq, limit-len(us))
		if len(more) == 0 {
			break
		}
		us = append(us, more...)
	}
	return us, err
}

// near returns some updates after a number of those that are kept in memory, none when
// the next one is not.
func (l *Log) near(after uint64, limit int) []incident.Update {
	return l.recent.After(after, limit)
}

// next returns some updates after a number, as many as come without a copy.
func (l *Log) next(ctx context.Context, after uint64, limit int) ([]incident.Update, error) {
	if us := l.near(after, limit); len(us) > 0 {
		return us, nil
	}
	return l.query(ctx, "SELECT body FROM updates WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
}

// ReadIncident returns every update about one incident, in order.
func (l *Log) ReadIncident(ctx context.Context, id string) ([]incident.Update, error) {
	if err := l.Flush(ctx); err != nil {
		return nil, err
	}
	return l.query(ctx, "SELECT body FROM updates WHERE incident = ? AND incident <> '' ORDER BY seq", id)
}

func (l *Log) query(ctx context.Context, statement string, args ...any) ([]incident.Update, error) {
	rows, err := l.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("update log cannot read: %w", err)
	}
	defer rows.Close()
	var out []incident.Update
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return nil, fmt.Errorf("update log cannot read: %w", err)
		}
		u, err := decode(body)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("update log cannot read: %w", err)
	}
	return out, nil
}

// Follow calls take with every update after the given number and then with each
// new one, until ctx ends or take fails.
func (l *Log) Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error {
	return l.follow(ctx, after, 0, 0, take)
}

// Paced is a log that hands over few large batches instead of many small ones, for
// sinks that pay by the batch.
type Paced struct {
	*Log
	every, yieldFor time.Duration
}

// Paced returns the log for a sink that takes a batch that is not full at most so
// often, in real time.
func (l *Log) Paced(every time.Duration) Paced { return Paced{l, every, 0} }

// YieldingUnderLoad returns the log for a sink that nobody waits for: while very many updates
// come it is given none, for so long at most.
func (p Paced) YieldingUnderLoad(most time.Duration) Paced { return Paced{p.Log, p.every, most} }

// Follow is [Log.Follow] at the sink's pace.
func (p Paced) Follow(ctx context.Context, after uint64, take func([]incident.Update) error) error {
	return p.follow(ctx, after, p.every, p.yieldFor, take)
}

// FollowAsSink is [Log.FollowAsSink] at the sink's pace.
func (p Paced) FollowAsSink(ctx context.Context, sink string, take func([]incident.Update) error) error {
	return p.followAsSink(ctx, sink, p.every, take)
}

func (l *Log) follow(ctx context.Context, after uint64, every, yieldFor time.Duration, take func([]incident.Update) error) error {
	yield := loadYield{most: yieldFor}
	own := l.recent.Subscribe(after)
	defer l.recent.Unsubscribe(own)
	for {
		l.mu.Lock()
		last, grown := l.last, l.grown
		l.mu.Unlock()
		for after < last {
			for yield.yields(l.underLoad(), time.Now()) && ctx.Err() == nil {
				sleep(ctx, loadWindow/2)
			}
			began := time.Now()
			updates, err := l.next(ctx, after, followBatch)
			if err != nil {
				return err
			}
			if len(updates) == 0 {
				break // reset meanwhile
			}
			if err := take(updates); err != nil {
				return err
			}
			after = updates[len(updates)-1].Seq
			l.recent.Advance(own, after)
			if after >= last && len(updates) < followBatch {
				sleep(ctx, every-time.Since(began))
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// underLoad tells whether very many updates come.
func (l *Log) underLoad() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.meter.underLoad(time.Now())
}

func sleep(ctx context.Context, long time.Duration) {
	if long <= 0 {
		return
	}
	t := time.NewTimer(long)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
