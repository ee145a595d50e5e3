package updatelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"htgateway/gateway/incident"
)

// FollowAsSink follows the log for a sink that publishes to others: from its cursor on, and
// for a sink that begins for the first time from now on. When the log was made
// again because of other settings, updates of journal entries that the sink has
// published already are left out: nobody gets the past twice. Call it once the log is up
// to date; take moves the cursor with [Log.SetPublished].
func (l *Log) FollowAsSink(ctx context.Context, sink string, take func([]incident.Update) error) error {
	return l.followAsSink(ctx, sink, 0, take)
}

func (l *Log) followAsSink(ctx context.Context, sink string, every time.Duration, take func([]incident.Update) error) error {
	published, begun, err := l.publishedEntry(ctx, sink)
	if err != nil {
		return err
	}
	after, err := l.Cursor(ctx, sink)
	if err != nil {
		return err
	}
	if !begun {
		after = l.Last()
		if published, err = l.startSink(ctx, sink, after); err != nil {
			return err
		}
	}
	return l.follow(ctx, after, every, 0, func(us []incident.Update) error {
		for len(us) > 0 && us[0].JournalSeq <= published && after == 0 {
			us = us[1:]
		}
		if len(us) == 0 {
			return nil
		}
		return take(us)
	})
}

// startSink notes that a sink starts after an update.
func (l *Log) startSink(ctx context.Context, sink string, after uint64) (published uint64, err error) {
	var newest incident.Update
	if after > 0 {
		us, err := l.Read(ctx, after-1, 1)
		if err != nil {
			return 0, err
		}
		if len(us) > 0 {
			newest = us[0]
		}
	}
	return newest.JournalSeq, l.SetPublished(ctx, sink, newest)
}

// SetPublished keeps that a sink has published everything up to this update.
func (l *Log) SetPublished(ctx context.Context, sink string, u incident.Update) error {
	entry, err := l.publishedWhole(ctx, u)
	if err != nil {
		return err
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot keep the cursor of %q: %w", sink, err)
	}
	defer tx.Rollback()
	if _, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO cursors (sink, seq) VALUES (?, ?)", sink, u.Seq); err == nil {
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", publishedMark+sink, strconv.FormatUint(entry, 10))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return fmt.Errorf("update log cannot keep the cursor of %q: %w", sink, err)
	}
	return nil
}

// publishedWhole is the entry up to which everything is published when this update is the
// last that was. One of which a part is missing is not among them: after other settings, or
// by another gateway, it is published again as a whole, and the ids of its updates say what
// the receiver has already.
func (l *Log) publishedWhole(ctx context.Context, u incident.Update) (uint64, error) {
	if u.Seq == 0 || u.JournalSeq == 0 {
		return u.JournalSeq, nil
	}
	rest, err := l.next(ctx, u.Seq, 1)
	if err != nil {
		return 0, err
	}
	if len(rest) > 0 && rest[0].JournalSeq == u.JournalSeq {
		return u.JournalSeq - 1, nil
	}
	return u.JournalSeq, nil
}

// publishedMark stands before the sink's name in the mark that outlives a reset.
const publishedMark = "told "

// publishedEntry is the journal entry up to which a sink has published everything, and
// whether it has ever begun.
func (l *Log) publishedEntry(ctx context.Context, sink string) (seq uint64, begun bool, err error) {
	var value string
	err = l.db.QueryRowContext(ctx, "SELECT value FROM marks WHERE name = ?", publishedMark+sink).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err == nil {
		seq, err = strconv.ParseUint(value, 10, 64)
	}
	if err != nil {
		return 0, false, fmt.Errorf("update log cannot read the cursor of %q: %w", sink, err)
	}
	return seq, true, nil
}

// PublishedEntries are the journal entries up to which each sink has published everything.
func (l *Log) PublishedEntries(ctx context.Context) (map[string]uint64, error) {
	return l.numbers(ctx, "SELECT substr(name, ?), CAST(value AS INTEGER) FROM marks WHERE name GLOB ?", len(publishedMark)+1, publishedMark+"*")
}

// numbers reads one number for each sink.
func (l *Log) numbers(ctx context.Context, statement string, args ...any) (map[string]uint64, error) {
	rows, err := l.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("update log cannot read the cursors of its sinks: %w", err)
	}
	defer rows.Close()
	out := map[string]uint64{}
	for rows.Next() {
		var sink string
		var seq uint64
		if err := rows.Scan(&sink, &seq); err != nil {
			return nil, fmt.Errorf("update log cannot read the cursors of its sinks: %w", err)
		}
		out[sink] = seq
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("update log cannot read the cursors of its sinks: %w", err)
	}
	return out, nil
}
