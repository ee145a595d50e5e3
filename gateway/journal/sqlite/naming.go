package sqlite

import (
	"context"
	"fmt"

	"htgateway/gateway/journal"
)

// WithPrefix returns up to limit entries of a kind whose ids begin so, oldest first.
// It reads the whole journal unless there is an entry with just that id.
func (r *Reader) WithPrefix(ctx context.Context, kind journal.Kind, prefix string, limit int) ([]journal.Entry, error) {
	if e, found, err := r.Find(ctx, prefix); err != nil || found && e.Kind == kind {
		return []journal.Entry{e}, err
	}
	return r.where(ctx, "kind = ? AND substr(id, 1, length(?2)) = ?2 ORDER BY seq LIMIT ?", kind, prefix, limit)
}

// Naming returns the entries of a kind after the given number whose bodies hold a
// text. It reads the whole journal from there.
func (r *Reader) Naming(ctx context.Context, kind journal.Kind, text string, after uint64) ([]journal.Entry, error) {
	return r.where(ctx, "seq > ? AND kind = ? AND instr(body, CAST(? AS BLOB)) > 0 ORDER BY seq", after, kind, text)
}

func (r *Reader) where(ctx context.Context, condition string, args ...any) ([]journal.Entry, error) {
	var out []journal.Entry
	query := "SELECT " + columns + " FROM entries WHERE " + condition // #nosec G202 -- conditions are constants of this file, values are bound
	err := eachEntry(ctx, r.entries.reader, query, args, func(e journal.Entry, err error) error {
		out = append(out, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot search the journal: %w", err)
	}
	return out, nil
}
