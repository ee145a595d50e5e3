package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"htgateway/gateway/journal/sqlitelog"
	"htgateway/telemetry"
)

// schemaVersion is stored in user_version.
const schemaVersion = 2

// A series is one measurement with one set of tags. Points lie in the order in
// which they are asked for, measurement and time; the second index is for one
// unit's track or one incident's milestones out of a long time. Fields are a
// JSON object, so that any SQLite tool can read them: floats have a point or an
// exponent, integers have neither.
//
// Every tag of a series has its row in series_tags, but for milestones and intervals:
// nearly each of these is a series of its own, because its incident is a tag, so that
// only the incident is filed there.
var schema = []string{
	`CREATE TABLE measurements (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)`,
	`CREATE TABLE series (id INTEGER PRIMARY KEY, measurement INTEGER NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags))`,
	`CREATE TABLE series_tags (key TEXT NOT NULL, value TEXT NOT NULL, series INTEGER NOT NULL, PRIMARY KEY (key, value, series)) WITHOUT ROWID`,
	`CREATE TABLE points (
		measurement INTEGER NOT NULL,
		time        INTEGER NOT NULL, -- nanoseconds since 1970, UTC
		series      INTEGER NOT NULL,
		superseded  INTEGER NOT NULL,
		fields      TEXT NOT NULL,
		PRIMARY KEY (measurement, time, series)
	) WITHOUT ROWID`,
	`CREATE INDEX points_by_series ON points (series, time)`,
	casesTable, casesIndex,
}

// Store is a series in one SQLite file. It is safe for concurrent use, and other
// processes may read the file while this one writes.
type Store struct {
	path      string
	db        *sql.DB
	writer    *sql.DB // the one connection that points are written by
	syncAtEnd bool

	mu    sync.Mutex // held by the one writer
	known map[string]seriesKey
}

// seriesKey is how a series is filed.
type seriesKey struct{ measurement, series int64 }

// Open opens or makes the series at path.
func Open(ctx context.Context, path string) (*Store, error) {
	durably := []string{"synchronous(FULL)", "journal_mode(WAL)", "secure_delete(ON)"}
	s, err := connect(path, sqlitelog.Create, durably...)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open series %q: %w", path, err), s.db.Close())
	}
	if s.writer, err = database(path, sqlitelog.Create, append(durably, undoneInMemory)...); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.writer.SetMaxOpenConns(1)
	return s, nil
}

// undoneInMemory has SQLite keep what it needs for undoing half a statement in memory
// instead of a file. Who reads must not: a year sorted would be as large as the year.
const undoneInMemory = "temp_store(MEMORY)"

// OpenNew makes a series at path that can be made again: while it is filled nothing
// is synced, so that a power failure costs the whole, and it fills faster. [Store.Close]
// syncs it.
func OpenNew(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("cannot make series %q: %w", path, os.ErrExist)
	}
	s, err := connect(path, sqlitelog.Create, "synchronous(OFF)", "journal_mode(MEMORY)", "cache_size(-200000)", "locking_mode(EXCLUSIVE)", undoneInMemory)
	if err != nil {
		return nil, err
	}
	s.db.SetMaxOpenConns(1)
	s.syncAtEnd = true
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot make series %q: %w", path, err), s.db.Close())
	}
	return s, nil
}

// OpenToRead opens an existing series that another process may be writing, and
// can change nothing in it.
func OpenToRead(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot open series: %w", err)
	}
	s, err := connect(path, sqlitelog.Write, "query_only(true)")
	if err != nil {
		return nil, err
	}
	have, err := s.version(ctx)
	if err == nil && have != schemaVersion {
		err = fmt.Errorf("its schema is %d, this htgateway reads %d", have, schemaVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open series %q: %w", path, err), s.db.Close())
	}
	return s, nil
}

func connect(path string, access sqlitelog.Access, pragmas ...string) (*Store, error) {
	db, err := database(path, access, pragmas...)
	if err != nil {
		return nil, err
	}
	return &Store{path: path, db: db, writer: db, known: map[string]seriesKey{}}, nil
}

func database(path string, access sqlitelog.Access, pragmas ...string) (*sql.DB, error) {
	// Every write is synced: the sink's cursor stands in another file, and must
	// never be ahead of the points after the power failed.
	return sqlitelog.Open(path, sqlitelog.Options{Access: access, Pragmas: pragmas, Immediate: true})
}

func (s *Store) version(ctx context.Context) (int, error) {
	var have int
	if err := s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, fmt.Errorf("cannot read the schema version: %w", err)
	}
	return have, nil
}

func (s *Store) migrate(ctx context.Context) error {
	have, err := s.version(ctx)
	if err != nil || have == schemaVersion {
		return err
	}
	if have == 1 {
		return s.addCases(ctx)
	}
	if have > schemaVersion {
		return fmt.Errorf("made by a newer version: schema %d, this one knows %d", have, schemaVersion)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("cannot begin the schema: %w", err)
	}
	defer tx.Rollback()
	for _, statement := range append(schema, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)) {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("cannot make the schema: %w", err)
		}
	}
	return tx.Commit()
}

// Close closes the file.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.writer != s.db {
		err = errors.Join(err, s.writer.Close())
	}
	if !s.syncAtEnd || err != nil {
		return err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("cannot sync series %q: %w", s.path, err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// Reset forgets what is made of updates. How links stood, which nothing makes again, stays.
func (s *Store) Reset(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable("cannot begin a reset", err)
	}
	defer tx.Rollback()
	const links = "(SELECT id FROM measurements WHERE name = ?)"
	for _, statement := range []string{
		"DELETE FROM points WHERE measurement NOT IN " + links,
		"DELETE FROM series_tags WHERE series NOT IN (SELECT id FROM series WHERE measurement IN " + links + ")",
		"DELETE FROM series WHERE measurement NOT IN " + links,
		"DELETE FROM measurements WHERE name <> ?",
	} {
		if _, err := tx.ExecContext(ctx, statement, telemetry.LinkHealth); err != nil {
			return unavailable("cannot reset", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM cases"); err != nil {
		return unavailable("cannot reset the cases", err)
	}
	if err := tx.Commit(); err != nil {
		return unavailable("cannot commit a reset", err)
	}
	clear(s.known)
	return nil
}

func unavailable(what string, err error) error {
	return fmt.Errorf("series in SQLite: %s: %w: %w", what, telemetry.ErrUnavailable, err)
}
