package backup

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/journal/sqlitelog"
)

// ManifestFile is the file of a backup that says what it holds.
const ManifestFile = "backup.json"

// formatVersion is that of the manifest.
const formatVersion = 1

// Manifest says what a backup holds.
type Manifest struct {
	Version int       `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	// From is the data folder that it was made of.
	From      string     `json:"from"`
	Databases []Database `json:"databases"`
	Files     []File     `json:"files"`
}

// Database is the copy of one SQLite file.
type Database struct {
	File
	// Rows is how many rows each table has.
	Rows map[string]int64 `json:"rows"`
	// Digest is the sum of a journal's entries ([journal.Sum]), empty for other databases.
	Digest string `json:"digest,omitempty"`
}

// File is one file of a backup.
type File struct {
	// Name is where it lies in the backup, with slashes.
	Name string `json:"name"`
	// Was is where it lay, for files of the configuration.
	Was    string `json:"was,omitempty"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Set is what is backed up.
type Set struct {
	// DataDir holds the Databases, named by their files' names, in the order in which
	// they are copied. What the others are made of is to be the last: then it holds
	// all that they do, and a gateway makes up what they lack.
	DataDir   string
	Databases []string
	// Journal is which of them is the gateway's journal, empty for none.
	Journal string
	// Complete, when not nil, is called with a folder that holds a copy of the journal, or
	// nothing, and brings it up to date with what lies elsewhere: the databases then need
	// not be all there is.
	Complete func(ctx context.Context, dir string) error
	// Files are others, by their names in the backup.
	Files map[string]string
}

// Make copies a set into a folder that must not exist. Each database is copied as it
// stood at one moment, whoever writes to it; tell is called before each step.
func Make(ctx context.Context, s Set, dir string, now time.Time, tell func(step string)) (m Manifest, err error) {
	if _, err := os.Stat(dir); err == nil {
		return m, fmt.Errorf("%s is there already: a backup overwrites nothing", dir)
	}
	part := dir + ".part"
	if err := os.Mkdir(part, 0o700); err != nil {
		return m, fmt.Errorf("cannot make the backup's folder: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	m = Manifest{Version: formatVersion, MadeAt: now.UTC(), From: s.DataDir, Files: []File{}}
	for _, name := range s.Databases {
		tell(name)
		d, err := s.copy(ctx, part, name)
		if err != nil {
			return m, err
		}
		m.Databases = append(m.Databases, d)
	}
	for name, from := range s.Files {
		f, err := copyFile(from, part, name)
		if err != nil {
			return m, err
		}
		f.Was = from
		m.Files = append(m.Files, f)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, fmt.Errorf("cannot encode the manifest: %w", err)
	}
	if err := os.WriteFile(filepath.Join(part, ManifestFile), append(text, '\n'), 0o600); err != nil {
		return m, fmt.Errorf("cannot write the manifest: %w", err)
	}
	if err := syncAll(part); err != nil {
		return m, err
	}
	if err := os.Rename(part, dir); err != nil {
		return m, fmt.Errorf("cannot finish the backup: %w", err)
	}
	return m, syncFile(filepath.Dir(dir))
}

// copy copies one of the set's databases.
func (s Set) copy(ctx context.Context, part, name string) (d Database, err error) {
	from := filepath.Join(s.DataDir, name)
	if name == s.Journal && s.Complete != nil {
		work := filepath.Join(part, "work")
		if err := os.Mkdir(work, 0o700); err != nil {
			return d, fmt.Errorf("cannot make a folder for the journal: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
		if exists(from) {
			if _, err := copyDatabase(ctx, from, work, name); err != nil {
				return d, err
			}
		}
		if err := s.Complete(ctx, work); err != nil {
			return d, err
		}
		from = filepath.Join(work, name)
	}
	if d, err = copyDatabase(ctx, from, part, name); err != nil || name != s.Journal {
		return d, err
	}
	d.Digest, err = digest(ctx, filepath.Join(part, name))
	return d, err
}

// digest sums up a journal's entries, each of which has to match its checksum.
func digest(ctx context.Context, path string) (text string, err error) {
	r, err := sqlite.OpenToRead(ctx, path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum, err := journal.SumOf(r.Entries(ctx))
	if err != nil {
		return "", fmt.Errorf("cannot sum up the journal %s: %w", path, err)
	}
	return sum.String(), nil
}

// copyDatabase copies a SQLite file in one read transaction (VACUUM INTO), so that
// pages freed by an erasure are not copied either, and looks at the copy.
func copyDatabase(ctx context.Context, from, dir, name string) (Database, error) {
	if _, err := os.Stat(from); err != nil {
		return Database{}, fmt.Errorf("cannot back up: %w", err)
	}
	db, err := open(from)
	if err != nil {
		return Database{}, err
	}
	defer db.Close()
	to := filepath.Join(dir, name)
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return Database{}, fmt.Errorf("cannot copy %s: %w", from, err)
	}
	rows, err := look(ctx, to)
	if err != nil {
		return Database{}, err
	}
	f, err := describe(dir, name)
	return Database{File: f, Rows: rows}, err
}

func open(path string) (*sql.DB, error) {
	db, err := sqlitelog.Open(path, sqlitelog.Options{Access: sqlitelog.ReadOnly})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// look has SQLite check a file from end to end and counts its rows.
func look(ctx context.Context, path string) (map[string]int64, error) {
	db, err := open(path)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return nil, fmt.Errorf("cannot check %s: %w", path, err)
	}
	if verdict != "ok" {
		return nil, fmt.Errorf("%s is damaged: %s", path, verdict)
	}
	names, err := tables(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("cannot list the tables of %s: %w", path, err)
	}
	out := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, fmt.Errorf("cannot count %s of %s: %w", name, path, err)
		}
		out[name] = n
	}
	return out, nil
}

func tables(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// copyFile copies a file to a name below dir and describes the copy.
func copyFile(from, dir, name string) (File, error) {
	to := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return File{}, fmt.Errorf("cannot make a folder for %s: %w", name, err)
	}
	in, err := os.Open(from) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return File{}, fmt.Errorf("cannot copy: %w", err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- in the backup's folder, which is new
	if err != nil {
		return File{}, fmt.Errorf("cannot copy %s: %w", from, err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return File{}, fmt.Errorf("cannot copy %s: %w", from, err)
	}
	return describe(dir, name)
}

// describe sums up a file below dir.
func describe(dir, name string) (File, error) {
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name))) // #nosec G304 -- in the backup's folder; check refuses names that lead outside
	if err != nil {
		return File{}, fmt.Errorf("cannot read: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return File{}, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return File{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// syncAll makes files and folders below dir last.
func syncAll(dir string) error {
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncFile(path)
	})
}

func syncFile(path string) error {
	f, err := os.Open(path) // #nosec G304 -- a folder or file of the backup, as WalkDir found it
	if err != nil {
		return fmt.Errorf("cannot sync: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
