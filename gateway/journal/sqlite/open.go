package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlitelog"
)

// Options of a journal.
type Options struct {
	// Now is the gateway's clock, for JournaledAt.
	Now func() time.Time
	Log *slog.Logger
	// GoOn has damaged entries handed over as [journal.KindDamaged], counted and logged,
	// instead of ending every reading: a gateway must not stand still for one of them.
	GoOn bool
	// JournaledAt, when not nil, says when a record was journaled, instead of Now: for a
	// journal that is made of the entries of another.
	JournaledAt func(journal.Record) time.Time
}

// Journal is a journal in one SQLite file. It is safe for concurrent use.
type Journal struct {
	path        string
	now         func() time.Time
	journaledAt func(journal.Record) time.Time // nil for now
	log         *slog.Logger
	lock        *os.File

	writer *sql.DB // one connection, used by the writing goroutine alone
	reader *sql.DB

	queue journal.Queue[request]

	mu      sync.Mutex
	last    uint64
	grown   chan struct{} // closed and replaced at each commit
	trouble error

	// Statements of writer.
	inserts, finds []*sql.Stmt // by size, as entriesAtOnce and idsAtOnce
	fileIDs        *sql.Stmt

	ids       *ids
	recent    *sqlitelog.Window[journal.Entry]
	shrinking chan struct{} // asks the writer to give memory up
	goOn      bool
	damaged   damagedEntries

	commits, bytes atomic.Uint64
}

// LockFile is the path of the file that is locked while a process has a journal open.
func LockFile(journal string) string { return journal + ".lock" }

// Lock keeps other processes from opening the journal at path, whether there is one or
// not, until the lock is closed. Errors wrap [journal.ErrInUse] when one has it open.
func Lock(ctx context.Context, path string) (io.Closer, error) { return lockFile(ctx, LockFile(path)) }

// InUse tells whether a process has the journal at path open to write.
func InUse(path string) (bool, error) {
	f, err := os.Open(LockFile(path)) // #nosec G304 -- beside the journal that the configuration names
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("cannot look at the journal's lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	used := errors.Is(err, syscall.EWOULDBLOCK)
	if used {
		err = nil
	}
	return used, errors.Join(err, f.Close())
}

// Open opens or makes the journal at path. It refuses a file that another
// process has open, that SQLite finds damaged, or whose durability settings did
// not take.
func Open(ctx context.Context, path string, o Options) (*Journal, error) {
	lock, err := lockFile(ctx, LockFile(path))
	if err != nil {
		return nil, err
	}
	j := &Journal{
		path: path, now: o.Now, journaledAt: o.JournaledAt, log: o.Log, lock: lock,
		queue: journal.NewQueue[request](),
		grown: make(chan struct{}), shrinking: make(chan struct{}, 1), goOn: o.GoOn,
		recent: sqlitelog.NewWindow(atHand),
	}
	if err := j.connect(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	go j.write()
	return j, nil
}

// connect opens the databases, checks the file and brings its schema up to date.
func (j *Journal) connect(ctx context.Context) error {
	logged, err := sqlitelog.WALSize(j.path)
	if err != nil {
		return fmt.Errorf("cannot open journal %q: %w", j.path, err)
	}
	if logged == 0 {
		if err := checkLength(j.path); err != nil {
			return fmt.Errorf("cannot open journal %q: %w", j.path, err)
		}
	}
	writer, err := writingDatabase(j.path)
	if err != nil {
		return err
	}
	reader, err := database(j.path, 4)
	if err != nil {
		return errors.Join(err, writer.Close())
	}
	j.writer, j.reader = writer, reader
	noteUncommitted := func(ctx context.Context) error { return j.noteUncommitted(ctx, logged) }
	if err := verify(ctx, append([]step{j.checkIntegrity, noteUncommitted, j.migrate}, j.reopening()...)); err != nil {
		return errors.Join(fmt.Errorf("cannot open journal %q: %w", j.path, err), writer.Close(), reader.Close())
	}
	return nil
}

// step is one thing that has to be so before anything is written.
type step func(context.Context) error

// reopening are the steps of a file that this process wrote to before: what is written
// will last, and what stands there is known.
func (j *Journal) reopening() []step {
	return []step{j.checkDurability, j.prepare, j.readLast, j.readIDs}
}

func verify(ctx context.Context, steps []step) error {
	for _, is := range steps {
		if err := is(ctx); err != nil {
			return sqlitelog.NameDamage(err, journal.ErrDamaged)
		}
	}
	return nil
}

// noteUncommitted logs what a killed gateway left in the write-ahead log, of the size
// before it was opened, that belongs to no commit. None of it was acknowledged.
func (j *Journal) noteUncommitted(ctx context.Context, size int64) error {
	n, err := sqlitelog.Uncommitted(ctx, j.writer, size)
	if n > 0 {
		j.log.LogAttrs(ctx, slog.LevelInfo, "bytes of the journal's write-ahead log belong to no commit and are left out",
			slog.String("file", j.path+"-wal"), slog.Int64("bytes", n), slog.Int64("of", size))
	}
	return err
}

// idleFor is how long a connection that nothing is read by is kept.
const idleFor = 15 * time.Second

// writingDatabase is the one connection that entries are written by. It keeps what it
// needs for undoing half a statement in memory instead of a file.
func writingDatabase(path string) (*sql.DB, error) { return database(path, 1, "temp_store(MEMORY)") }

// durably are the settings of whoever writes. secure_delete: what a page leaves behind
// when SQLite moves it holds no text that Rewrite would not find.
func durably() []string {
	return []string{"journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)"}
}

func database(path string, connections int, more ...string) (*sql.DB, error) {
	db, err := sqlitelog.Open(path, sqlitelog.Options{Access: sqlitelog.Create, Pragmas: append(durably(), more...)})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if connections > 1 {
		db.SetConnMaxIdleTime(idleFor) // each has a cache
	}
	return db, nil
}

// How long a journal waits for another to let go of the file: one that is just
// ending, or a process that was forked a moment ago and still holds its parent's
// files.
const (
	lockWithin = 3 * time.Second
	lockAgain  = 50 * time.Millisecond
)

// lockFile takes an advisory lock for the life of the process.
func lockFile(ctx context.Context, path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- beside the journal that the configuration names
	if err != nil {
		return nil, fmt.Errorf("cannot make the journal's lock: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWithin)
	defer cancel()
	again := time.NewTicker(lockAgain)
	defer again.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%w (%s): %w", journal.ErrInUse, path, err), f.Close())
		}
	}
}

// checkDurability reads the settings back: a pragma that did not take says nothing.
func (j *Journal) checkDurability(ctx context.Context) error {
	var mode string
	if err := j.writer.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return fmt.Errorf("cannot read journal_mode: %w", err)
	}
	var sync int
	if err := j.writer.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&sync); err != nil {
		return fmt.Errorf("cannot read synchronous: %w", err)
	}
	const full = 2
	if mode != "wal" || sync != full {
		return fmt.Errorf("durability settings did not take: journal_mode %s, synchronous %d", mode, sync)
	}
	return nil
}

func (j *Journal) checkIntegrity(ctx context.Context) error { return checkIntegrity(ctx, j.writer) }

func checkIntegrity(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("cannot check the file: %w", err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", journal.ErrDamaged, verdict)
	}
	return nil
}

func (j *Journal) readLast(ctx context.Context) error {
	var last sql.Null[uint64]
	if err := j.writer.QueryRowContext(ctx, "SELECT max(seq) FROM entries").Scan(&last); err != nil {
		return fmt.Errorf("cannot read the last entry: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last = last.V
	return nil
}

// Close commits what waits and closes the file.
func (j *Journal) Close() error {
	j.queue.Close()
	return errors.Join(j.writer.Close(), j.reader.Close(), j.lock.Close())
}

// diskFull tells whether an error means that the disk has no room.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "disk is full") || strings.Contains(err.Error(), "SQLITE_FULL")
}
