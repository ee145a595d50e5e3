package updatelog

import (
	"context"
	"errors"
	"fmt"
)

// schemaVersion is stored in user_version. Files of before it was stored have 0 and the
// same tables.
const schemaVersion = 1

// errNewer is wrapped for a file that only a newer program understands. Unlike a
// damaged one it is not made again from the journal without being asked: going back to
// an older program by mistake must not cost the sinks their places.
var errNewer = errors.New("made by a newer version")

// checkVersion refuses a file that is newer than this program.
func (l *Log) checkVersion(ctx context.Context) error {
	var have int
	if err := l.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("cannot read the schema version: %w", err)
	}
	if have > schemaVersion {
		return fmt.Errorf("%w: schema %d, this one knows %d; use that version, or move the file away to have it made again", errNewer, have, schemaVersion)
	}
	if have == schemaVersion {
		return nil
	}
	if _, err := l.db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return fmt.Errorf("cannot store the schema version: %w", err)
	}
	return nil
}
