package sqlite

import (
	"context"
	"fmt"
)

// schemaVersion is stored in user_version; older files are migrated forward.
const schemaVersion = 2

// entriesTable makes the table of entries. That no id comes twice is seen to by the one
// goroutine that writes; see [ids].
const entriesTable = `CREATE TABLE entries (
	seq          INTEGER PRIMARY KEY,
	id           TEXT NOT NULL,
	kind         TEXT NOT NULL,
	at           INTEGER NOT NULL,
	journaled_at INTEGER NOT NULL,
	body         BLOB NOT NULL,
	checksum     INTEGER NOT NULL
)`

// idsTables are the index of ids and the mark of how far it goes.
var idsTables = []string{
	`CREATE TABLE ids (key INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (key, seq)) WITHOUT ROWID`,
	`CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL)`,
	`INSERT INTO marks (name, value) VALUES ('filed', 0)`,
}

// schema makes an empty journal.
var schema = append([]string{
	entriesTable,
	`CREATE TABLE cursors (reader TEXT PRIMARY KEY, seq INTEGER NOT NULL)`,
	`CREATE TABLE snapshots (fold TEXT NOT NULL, seq INTEGER NOT NULL, state BLOB NOT NULL, PRIMARY KEY (fold, seq))`,
}, idsTables...)

// migrations bring a file of the version before to the one that is the key.
var migrations = map[int][]string{
	2: append([]string{
		`ALTER TABLE entries RENAME TO entries_1`,
		entriesTable,
		`INSERT INTO entries SELECT ` + columns + ` FROM entries_1 ORDER BY seq`,
		`DROP TABLE entries_1`,
	}, idsTables...),
}

// migrate brings the file to the newest schema, all or nothing.
func (j *Journal) migrate(ctx context.Context) error {
	var have int
	if err := j.writer.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return fmt.Errorf("cannot read the schema version: %w", err)
	}
	if have > schemaVersion {
		return fmt.Errorf("made by a newer version: schema %d, this one knows %d", have, schemaVersion)
	}
	if have == schemaVersion {
		return nil
	}
	var steps []string
	if have == 0 {
		steps = schema
	}
	for v := have + 1; have > 0 && v <= schemaVersion; v++ {
		steps = append(steps, migrations[v]...)
	}
	tx, err := j.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("cannot begin the schema: %w", err)
	}
	defer tx.Rollback()
	for _, statement := range append(steps, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("cannot make the schema: %w", err)
		}
	}
	return tx.Commit()
}
