package updatelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
)

// erasedMark is the mark, which outlives a reset, of the newest erasure that is finished.
const erasedMark = "erased"

// Erased is the journal entry up to which every erasure of a caller is finished on this
// machine, 0 at first.
func (l *Log) Erased(ctx context.Context) (entry uint64, err error) {
	var value string
	err = l.db.QueryRowContext(ctx, "SELECT value FROM marks WHERE name = ?", erasedMark).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		entry, err = strconv.ParseUint(value, 10, 64)
	}
	if err != nil {
		return 0, fmt.Errorf("update log cannot read which erasures are finished: %w", err)
	}
	return entry, nil
}

// SetErased keeps that every erasure up to an entry of the journal is finished here.
func (l *Log) SetErased(ctx context.Context, entry uint64) error {
	if _, err := l.db.ExecContext(ctx, "INSERT OR REPLACE INTO marks (name, value) VALUES (?, ?)", erasedMark, strconv.FormatUint(entry, 10)); err != nil {
		return fmt.Errorf("update log cannot keep which erasures are finished: %w", err)
	}
	return nil
}
