package updatelog

import (
	"context"
	"encoding/json"
	"fmt"

	"htgateway/gateway/incident"
)

// followBatch is how many updates Follow hands over at once.
const followBatch = 1000

// Read returns up to limit updates after the given number, in order.
func (l *Log) Read(ctx context.Context, after uint64, limit int) ([]incident.Update, error) {
	return l.query(ctx, "SELECT body FROM updates WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
}

// ReadIncident returns every update about one incident, in order.
func (l *Log) ReadIncident(ctx context.Context, id string) ([]incident.Update, error) {
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
		var u incident.Update
		if err := json.Unmarshal(body, &u); err != nil {
			return nil, fmt.Errorf("update log cannot decode an update: %w", err)
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
	for {
		l.mu.Lock()
		last, grown := l.last, l.grown
		l.mu.Unlock()
		for after < last {
			updates, err := l.Read(ctx, after, followBatch)
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
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
