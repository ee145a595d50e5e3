package importer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/journal/sqlitelog"
)

// ErrNotEmpty is wrapped when a folder has a journal, or what was made of one.
var ErrNotEmpty = errors.New("the folder is in use")

// LineError is what is wrong with a line.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is what is wrong.
func (e *LineError) Unwrap() error { return e.Err }

// Result is what an import made.
type Result struct {
	// Entries the journal has; Duplicates are lines that repeat one.
	Entries, Duplicates int
	// Renumbered are entries whose number is another than their line says: the lines were
	// a part of a journal.
	Renumbered int
}

// Options of an import.
type Options struct {
	Log *slog.Logger
	// Progress, when not nil, is called now and then with how many lines are read.
	Progress func(lines int)
	// BeforeJournal, when not nil, is called when all lines are read and good, before the
	// journal has its name.
	BeforeJournal func() error
}

const (
	// partly is the end of the journal's name while it is not whole.
	partly = ".importing"
	// atOnce is how many entries are stored with one sync.
	atOnce = 4096
	// longestLine in bytes: far beyond what a frame or a body may be.
	longestLine = 16 << 20
)

// Run makes the journal of a folder of lines. It refuses a folder that has one, and after
// an error, or killed, leaves none: the journal has its name when it is whole and on the
// disk. Lines of one id are one entry; two that say different things are an error.
func Run(ctx context.Context, folder datadir.Folder, lines io.Reader, o Options) (r Result, err error) {
	if err := os.MkdirAll(string(folder), 0o750); err != nil {
		return r, fmt.Errorf("cannot make the data folder: %w", err)
	}
	lock, err := sqlite.Lock(ctx, folder.Journal())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := checkEmpty(folder); err != nil {
		return r, err
	}
	half := folder.Journal() + partly
	if err := remove(half); err != nil { // of an import that was killed
		return r, err
	}
	defer func() { err = errors.Join(err, remove(half)) }()
	if r, err = fill(ctx, half, lines, o); err != nil {
		return r, err
	}
	if o.BeforeJournal != nil {
		if err := o.BeforeJournal(); err != nil {
			return r, err
		}
	}
	return r, name(half, folder.Journal())
}

// checkEmpty refuses a folder that has a journal, or what is made of one: that would be
// taken for the new one's.
func checkEmpty(folder datadir.Folder) error {
	for _, path := range []string{folder.Journal(), folder.Journal() + "-wal", folder.Updates(), folder.Series(), folder.Checkpoint()} {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%w: %s is there; import makes a journal where none is", ErrNotEmpty, path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot look into the data folder: %w", err)
		}
	}
	return nil
}

// remove removes a journal's files, those that there are.
func remove(journal string) error {
	for _, path := range []string{journal, journal + "-wal", journal + "-shm", journal + ".lines", sqlite.LockFile(journal)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot remove what is half imported: %w", err)
		}
	}
	return nil
}

// name gives a journal that is whole its name, and brings both to the disk.
func name(half, path string) error {
	if logged, err := sqlitelog.WALSize(half); err != nil || logged > 0 {
		return errors.Join(fmt.Errorf("the imported journal is not whole: %d bytes stand beside it", logged), err)
	}
	f, err := os.OpenFile(half, os.O_RDWR, 0) // #nosec G304 -- a file that was just made
	if err != nil {
		return fmt.Errorf("cannot open the imported journal: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cannot bring the imported journal to the disk: %w", err)
	}
	if err := os.Rename(half, path); err != nil {
		return fmt.Errorf("cannot give the imported journal its name: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("cannot bring the imported journal's name to the disk: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// filling is a journal that is being made.
type filling struct {
	journal *sqlite.Journal
	ctx     context.Context
	read    int // lines
	batch   []numbered
	// journaledAt of the batch, by id.
	journaledAt map[string]time.Time
	result      Result
}

type numbered struct {
	line
	number int // of the line
}

func fill(ctx context.Context, path string, lines io.Reader, o Options) (r Result, err error) {
	f := &filling{ctx: ctx, journaledAt: map[string]time.Time{}}
	f.journal, err = sqlite.Open(ctx, path, sqlite.Options{
		Now: time.Now, Log: o.Log, JournaledAt: func(rec journal.Record) time.Time { return f.journaledAt[rec.ID] },
	})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.journal.Close()) }()
	kept, err := newSpool(path + ".lines")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, kept.remove()) }()
	in := bufio.NewReaderSize(lines, 1<<20)
	for ended := false; !ended; {
		text, err := readLine(in)
		switch ended = errors.Is(err, io.EOF); {
		case err != nil && !ended:
			return r, &LineError{f.read + 1, err}
		case ended && len(text) == 0:
			continue
		}
		f.read++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			return r, &LineError{f.read, err}
		}
		if err := kept.add(text, l, f.read); err != nil {
			return r, err
		}
		if o.Progress != nil && f.read%atOnce == 0 {
			o.Progress(f.read)
		}
	}
	err = kept.each(func(text []byte, number int) error {
		l, err := parseLine(text)
		if err != nil {
			return &LineError{number, err}
		}
		if f.batch = append(f.batch, numbered{l, number}); len(f.batch) < atOnce {
			return nil
		}
		return f.store()
	})
	if err != nil {
		return r, err
	}
	if err := f.store(); err != nil {
		return r, err
	}
	if f.result.Entries == 0 {
		return r, &LineError{max(1, f.read), errors.New("there is no entry in it")}
	}
	return f.result, nil
}

var errLong = fmt.Errorf("it is longer than %d bytes", longestLine)

// readLine reads up to the next end of a line, or the end with [io.EOF].
func readLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case len(text) > longestLine:
			return nil, errLong
		case !errors.Is(err, bufio.ErrBufferFull):
			return text, err
		}
	}
}

// store stores the batch.
func (f *filling) store() error {
	records := make([]journal.Record, 0, len(f.batch))
	for _, l := range f.batch {
		if _, again := f.journaledAt[l.ID]; !again {
			f.journaledAt[l.ID] = l.JournaledAt
		}
		records = append(records, l.record())
	}
	results, err := f.journal.Append(f.ctx, records...)
	if err != nil {
		return err
	}
	for i, r := range results {
		l := f.batch[i]
		switch {
		case r.Duplicate:
			if err := f.same(l); err != nil {
				return err
			}
			f.result.Duplicates++
			continue
		case l.Seq != nil && *l.Seq != r.Seq:
			f.result.Renumbered++
		}
		f.result.Entries++
	}
	f.batch = f.batch[:0]
	clear(f.journaledAt)
	return f.ctx.Err()
}

// same holds a line to the entry with its id.
func (f *filling) same(l numbered) error {
	e, found, err := f.journal.Find(f.ctx, l.ID)
	if err != nil {
		return err
	}
	if rec := l.record(); !found || e.Kind != rec.Kind || !e.At.Equal(rec.At) || !bytes.Equal(e.Body, rec.Body) {
		return &LineError{l.number, fmt.Errorf("%q says something else than the entry of the same id before it", l.ID)}
	}
	return nil
}

func (l line) record() journal.Record {
	return journal.Record{ID: l.ID, Kind: l.Kind, At: l.At.UTC(), Body: l.Body}
}
