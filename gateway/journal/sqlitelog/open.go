package sqlitelog

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite" // the driver; pure Go, so that the gateway cross-compiles
	sqlite3 "modernc.org/sqlite/lib"
)

// Access is what a connection may do to a file.
type Access string

// The accesses, as SQLite's URI parameter "mode" spells them.
const (
	Create   Access = "rwc" // write, and make the file when it is missing
	Write    Access = "rw"  // write a file that is there
	ReadOnly Access = "ro"
)

// Options of a database.
type Options struct {
	Access Access
	// Pragmas are set on each connection, in their order, for example
	// "journal_mode(WAL)".
	Pragmas []string
	// Immediate has transactions take the write lock when they begin, so that none has
	// to give up half-way because another wrote meanwhile.
	Immediate bool
}

// busyTimeout is how long a statement waits for another connection's lock.
const busyTimeout = "busy_timeout(10000)"

// Open opens an SQLite file. Its path may hold any character: what SQLite would read as
// the end of the name (?, #) or as an escape (%) is escaped.
func Open(path string, o Options) (*sql.DB, error) {
	settings := url.Values{"_pragma": append([]string{busyTimeout}, o.Pragmas...), "mode": {string(o.Access)}}
	if o.Immediate {
		settings.Set("_txlock", "immediate")
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+settings.Encode())
	if err != nil {
		return nil, fmt.Errorf("cannot open %q: %w", path, err)
	}
	return db, nil
}

// OpenToRead opens a file that another process may be writing, and can change nothing
// in it. It is opened for writing all the same: a reader of a write-ahead log shares
// its index with the writer.
func OpenToRead(path string) (*sql.DB, error) {
	return Open(path, Options{Access: Write, Pragmas: []string{"query_only(true)"}})
}

// NameDamage makes err wrap damaged too when SQLite found that the file is damaged or
// is no database.
func NameDamage(err, damaged error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB) {
		return fmt.Errorf("%w: %w", damaged, err)
	}
	return err
}
