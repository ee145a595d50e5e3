package updatelog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlitelog"
)

var schema = []string{
	`CREATE TABLE IF NOT EXISTS updates (seq INTEGER PRIMARY KEY, incident TEXT NOT NULL, unit TEXT NOT NULL, body BLOB NOT NULL)`,
	`CREATE INDEX IF NOT EXISTS updates_by_incident ON updates (incident, seq) WHERE incident <> ''`,
	`CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS cursors (sink TEXT PRIMARY KEY, seq INTEGER NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS dead_letters (
		number INTEGER PRIMARY KEY, sink TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
		reason TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (sink, seq, body))`,
}

// Log is the list of updates in one SQLite file. It is safe for concurrent use.
type Log struct {
	path    string
	db      *sql.DB
	inserts []*sql.Stmt // by size, as savedAtOnce

	mu     sync.Mutex
	last   uint64
	grown  chan struct{} // closed and replaced at each append
	recent *sqlitelog.Window[incident.Update]
	// saver is how far the file has come in them, waiting what it has not yet.
	saver   *sqlitelog.Subscription
	waiting []row
	meter   loadMeter
	// settingsHash identifies the settings under which the updates were made.
	settingsHash string
	// saved is the number up to which the file has everything, trouble why it would
	// not take more.
	saved   uint64
	trouble error
	room    chan struct{} // closed and replaced when saved grows

	// edits are those of the dead letters since the log was opened: a sink may still have an
	// update in hand as it was before, and set it aside then.
	editing sync.RWMutex
	edits   []func(body string) string

	saving          sync.Mutex // held while the file is written
	unsaved, plenty chan struct{}
	closing         chan struct{}
	once            sync.Once
	written         chan struct{} // closed when nothing writes any more
}

// idleFor is how long a connection that nothing is asked by is kept: each has a cache.
const idleFor = 15 * time.Second

// Open opens or makes the log at path.
func Open(ctx context.Context, path string) (*Log, error) {
	db, err := database(path, sqlitelog.Create)
	if err != nil {
		return nil, err
	}
	db.SetConnMaxIdleTime(idleFor)
	l := &Log{
		path: path, db: db, recent: sqlitelog.NewWindow(sqlitelog.Bounds[incident.Update]{Items: recentUpdates}),
		grown: make(chan struct{}), room: make(chan struct{}),
		unsaved: make(chan struct{}, 1), plenty: make(chan struct{}, 1), closing: make(chan struct{}), written: make(chan struct{}),
	}
	if err := l.load(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open update log %q: %w", path, sqlitelog.NameDamage(err, ErrDamaged)), db.Close())
	}
	go l.write() // #nosec G118 -- the log writes until it is closed, ctx is for opening it
	return l, nil
}

// database opens the file to write, so that what is freed in it is overwritten.
func database(path string, access sqlitelog.Access) (*sql.DB, error) {
	return sqlitelog.Open(path, sqlitelog.Options{
		Access: access, Pragmas: []string{"journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(ON)"}, Immediate: true,
	})
}

// recall makes the schema and reads where the log stands.
func (l *Log) load(ctx context.Context) error {
	if err := l.migrate(ctx); err != nil {
		return err
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	var last sql.Null[uint64]
	if err := l.db.QueryRowContext(ctx, "SELECT max(seq) FROM updates").Scan(&last); err != nil {
		return err
	}
	l.last, l.saved = last.V, last.V
	l.saver = l.recent.Pin(l.saved)
	err := l.db.QueryRowContext(ctx, "SELECT value FROM marks WHERE name = 'generation'").Scan(&l.settingsHash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("cannot read its settings hash: %w", err)
	}
	return nil
}

// ErrDamaged is wrapped when the file is no SQLite database or one that is damaged.
// It can be made again from the journal.
var ErrDamaged = errors.New("the file is damaged; htgateway rebuild makes it again from the journal")

// Close saves what waits and closes the file.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.written
	return errors.Join(l.Flush(context.Background()), l.db.Close())
}

// Append takes updates, all of each journal entry: followers get them at once, the file
// a moment later, and never a part of an entry. Those
// whose number is already there are left as they are, so folding again after a
// restart changes nothing. It fails while the file takes nothing; what it was given
// is kept all the same, and appending it again is how to wait.
func (l *Log) Append(ctx context.Context, updates []incident.Update) error {
	fresh, rows, err := l.fresh(updates)
	if err != nil {
		return err
	}
	l.mu.Lock()
	if n := len(fresh); n > 0 {
		l.waiting = append(l.waiting, rows...)
		l.recent.Add(fresh[0].Seq, fresh)
		l.meter.add(n, time.Now())
		l.last = fresh[n-1].Seq
		close(l.grown)
		l.grown = make(chan struct{})
	}
	trouble := l.trouble
	l.mu.Unlock()
	if trouble != nil {
		return trouble
	}
	return l.makeRoom(ctx)
}

// fresh encodes the updates that are not there yet.
func (l *Log) fresh(updates []incident.Update) (out []incident.Update, rows []row, err error) {
	last := l.Last()
	for len(updates) > 0 && updates[0].Seq <= last {
		updates = updates[1:]
	}
	out, rows = make([]incident.Update, 0, len(updates)), make([]row, 0, len(updates))
	for i := range updates {
		u, body, err := encode(&updates[i])
		if err != nil {
			return nil, nil, err
		}
		out, rows = append(out, u), append(rows, row{u.Seq, u.JournalSeq, u.Incident, u.Unit, body})
	}
	return out, rows, nil
}

// makeRoom wakes the writer, and waits while more is unsaved than may be.
func (l *Log) makeRoom(ctx context.Context) error {
	for {
		l.mu.Lock()
		waiting, room, trouble := l.last-l.saved, l.room, l.trouble
		l.mu.Unlock()
		if waiting == 0 {
			return nil
		}
		poke(l.unsaved)
		if waiting >= saveAtOnce {
			poke(l.plenty)
		}
		if waiting < unsavedMost || trouble != nil {
			return trouble
		}
		select {
		case <-room:
		case <-l.closing:
			return errClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

var errClosed = errors.New("update log: closed")

// Last is the number of the newest update, 0 when there is none.
func (l *Log) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// SettingsHash identifies the settings under which the updates were made, empty at first.
func (l *Log) SettingsHash() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.settingsHash
}

// Reset forgets every update and cursor, because other settings give other
// updates, and notes the new settings hash. Dead letters stay.
func (l *Log) Reset(ctx context.Context, settingsHash string) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("update log cannot begin a reset: %w", err)
	}
	defer tx.Rollback()
	for _, statement := range []string{"DELETE FROM updates", "DELETE FROM cursors"} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("update log cannot reset: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO marks (name, value) VALUES ('generation', ?)", settingsHash); err != nil {
		return fmt.Errorf("update log cannot reset: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("update log cannot commit a reset: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent.Forget(l.last)
	l.last, l.saved, l.waiting, l.settingsHash = 0, 0, nil, settingsHash
	l.recent.Advance(l.saver, 0)
	return nil
}

// Cursor is the number up to which a sink is done.
func (l *Log) Cursor(ctx context.Context, sink string) (uint64, error) {
	var seq uint64
	err := l.db.QueryRowContext(ctx, "SELECT seq FROM cursors WHERE sink = ?", sink).Scan(&seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("update log cannot read the cursor of %q: %w", sink, err)
	}
	return seq, nil
}

// SetCursor keeps how far a sink is.
func (l *Log) SetCursor(ctx context.Context, sink string, seq uint64) error {
	if _, err := l.db.ExecContext(ctx, "INSERT OR REPLACE INTO cursors (sink, seq) VALUES (?, ?)", sink, seq); err != nil {
		return fmt.Errorf("update log cannot keep the cursor of %q: %w", sink, err)
	}
	return nil
}

// DeadLetter is something that a sink will never take.
type DeadLetter struct {
	Sink   string    `json:"sink"`
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Body   string    `json:"body"`
}

// SetAside keeps a permanent failure for people to look at, as it would say after every
// [Log.Rewrite] until now.
func (l *Log) SetAside(ctx context.Context, d DeadLetter) error {
	l.editing.RLock() // a rewriting that begins meanwhile finds it in the file
	defer l.editing.RUnlock()
	for _, edit := range l.edits {
		d.Reason, d.Body = edit(d.Reason), edit(d.Body)
	}
	_, err := l.db.ExecContext(ctx, "INSERT OR IGNORE INTO dead_letters (sink, seq, at, reason, body) VALUES (?, ?, ?, ?, ?)",
		d.Sink, d.Seq, d.At.UnixNano(), d.Reason, d.Body)
	if err != nil {
		return fmt.Errorf("update log cannot set aside update %d of %q: %w", d.Seq, d.Sink, err)
	}
	return nil
}

// DeadLetters returns the newest failures, newest first.
func (l *Log) DeadLetters(ctx context.Context, limit int) ([]DeadLetter, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT sink, seq, at, reason, body FROM dead_letters ORDER BY number DESC LIMIT ?", limit)
	if err != nil {
		return nil, fmt.Errorf("update log cannot read dead letters: %w", err)
	}
	defer rows.Close()
	var out []DeadLetter
	for rows.Next() {
		var d DeadLetter
		var at int64
		if err := rows.Scan(&d.Sink, &d.Seq, &at, &d.Reason, &d.Body); err != nil {
			return nil, fmt.Errorf("update log cannot read dead letters: %w", err)
		}
		d.At = time.Unix(0, at).UTC()
		out = append(out, d)
	}
	return out, rows.Err()
}

// CountDeadLetters is how many failures are kept.
func (l *Log) CountDeadLetters(ctx context.Context) (int, error) {
	var n int
	if err := l.db.QueryRowContext(ctx, "SELECT count(*) FROM dead_letters").Scan(&n); err != nil {
		return 0, fmt.Errorf("update log cannot count dead letters: %w", err)
	}
	return n, nil
}
