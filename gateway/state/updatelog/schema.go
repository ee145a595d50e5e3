package updatelog

import (
	"context"
	"database/sql"
	"fmt"
)

// schemaVersion is stored in user_version. A file without one is from before there
// was a number, and has the same tables.
const schemaVersion = 1

// checkVersion refuses a file of a newer version. An older one is made anew: the log
// is a fold of the journal.
func checkVersion(ctx context.Context, db *sql.DB) error {
	var have int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("cannot read the schema version: %w", err)
	}
	if have > schemaVersion {
		return fmt.Errorf("made by a newer version of htgateway: schema %d, this one knows %d; use that version, or move the file away and it is made again from the journal", have, schemaVersion)
	}
	return nil
}

// migrate brings the file to this schema.
func (l *Log) migrate(ctx context.Context) error {
	if err := checkVersion(ctx, l.db); err != nil {
		return err
	}
	for _, statement := range append(schema[:len(schema):len(schema)], fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)) {
		if _, err := l.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
