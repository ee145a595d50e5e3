package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"time"

	"htgateway/gateway/journal"
)

// mostInCommit bounds one transaction, in records.
const mostInCommit = 4096

// request is one append that waits for its commit.
type request struct {
	records []journal.Record
	answer  chan<- journal.Outcome
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append returns once the records are on disk, all or none of them. When ctx
// ends first they may still be stored, but nothing may be acknowledged.
func (j *Journal) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if len(records) == 0 {
		return nil, nil
	}
	outcome := make(chan journal.Outcome, 1)
	return j.queue.Ask(ctx, request{records, outcome}, outcome)
}

// idle is how long nothing has come when there is time to index ids.
const idle = time.Second

// write is the one goroutine that writes entries.
func (j *Journal) write() {
	defer close(j.queue.Done)
	quiet := time.NewTimer(idle)
	defer quiet.Stop()
	var delay commitDelay
	for {
		select {
		case r := <-j.queue.Requests:
			j.pause(delay.wait())
			group := j.gather(r)
			j.commit(group)
			delay.committed(recordsOf(group), time.Now())
			j.fileWhen(fileAtMost)
			quiet.Reset(idle)
		case <-quiet.C:
			j.fileWhen(fileIdle)
		case <-j.shrinking:
			j.shrink()
		case <-j.queue.Stop:
			j.queue.Drain(func(r request) { j.commit(j.gather(r)) })
			return
		}
	}
}

// pause lets more appends come, unless the journal is to be closed.
func (j *Journal) pause(long time.Duration) {
	if long == 0 {
		return
	}
	t := time.NewTimer(long)
	defer t.Stop()
	select {
	case <-t.C:
	case <-j.queue.Stop:
	}
}

func recordsOf(group []request) (n int) {
	for _, r := range group {
		n += len(r.records)
	}
	return n
}

// fileWhen files ids when so many wait.
func (j *Journal) fileWhen(many int) {
	if j.ids.waiting() < many {
		return
	}
	if err := j.file(context.Background(), j.ids); err != nil {
		j.log.Error("journal cannot file ids; they are kept in memory", "path", j.path, "reason", err)
	}
}

// gather takes every append that is waiting now.
func (j *Journal) gather(first request) []request {
	group := []request{first}
	for n := len(first.records); n < mostInCommit; {
		select {
		case r := <-j.queue.Requests:
			group = append(group, r)
			n += len(r.records)
		default:
			return group
		}
	}
	return group
}

// commit stores a group in one synced transaction and answers everybody in it.
func (j *Journal) commit(group []request) {
	results, fresh, size, err := j.store(group)
	if err == nil {
		j.ids.add(fresh)
		if len(fresh) > 0 {
			j.recent.Add(fresh[0].Seq, fresh)
		}
	}
	j.mu.Lock()
	j.trouble = err
	if err == nil && len(fresh) > 0 {
		j.last = fresh[len(fresh)-1].Seq
		close(j.grown)
		j.grown = make(chan struct{})
	}
	j.mu.Unlock()
	if err != nil {
		j.log.Error("journal cannot write", "path", j.path, "reason", err)
		j.recover(err)
	} else {
		j.commits.Add(1)
		j.bytes.Add(size)
	}
	for i, r := range group {
		if err != nil {
			r.answer <- journal.Outcome{Err: err}
			continue
		}
		r.answer <- journal.Outcome{Results: results[i]}
	}
}

// store writes what is new of a group in one synced transaction.
func (j *Journal) store(group []request) (results [][]journal.Result, fresh []journal.Entry, size uint64, err error) {
	ctx := context.Background() // a commit under way is never abandoned half-way
	tx, err := j.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, 0, explain("cannot begin a commit of the journal", err)
	}
	defer tx.Rollback()
	known, err := j.known(ctx, tx, group)
	if err != nil {
		return nil, nil, 0, err
	}
	now := time.Unix(0, j.now().UnixNano()).UTC() // as it will be read back
	next := j.last + 1
	for _, r := range group {
		own := make([]journal.Result, len(r.records))
		for i, rec := range r.records {
			if seq, is := known[rec.ID]; is {
				own[i] = journal.Result{Seq: seq, Duplicate: true}
				continue
			}
			known[rec.ID] = next
			own[i] = journal.Result{Seq: next}
			rec.At = time.Unix(0, rec.At.UnixNano()).UTC()
			at := now
			if j.journaledAt != nil {
				at = time.Unix(0, j.journaledAt(rec).UnixNano()).UTC()
			}
			fresh = append(fresh, journal.Entry{Seq: next, JournaledAt: at, Record: rec}.WithDecodeCache())
			size += uint64(len(rec.Body))
			next++
		}
		results = append(results, own)
	}
	if err := j.insert(ctx, tx, fresh); err != nil {
		return nil, nil, 0, err
	}
	if err := tx.Commit(); err != nil {
		return nil, nil, 0, explain("cannot commit the journal", err)
	}
	return results, fresh, size, nil
}

// known are the records of a group that the journal has already, by id.
func (j *Journal) known(ctx context.Context, tx *sql.Tx, group []request) (map[string]uint64, error) {
	known := map[string]uint64{}
	var asked []string
	for _, r := range group {
		for _, rec := range r.records {
			if seq, is := j.ids.newest(rec.ID); is {
				known[rec.ID] = seq
			} else {
				asked = append(asked, rec.ID)
			}
		}
	}
	filed, err := j.filedAmong(ctx, tx, asked)
	maps.Copy(known, filed)
	return known, err
}

// insert stores entries, many with each statement.
func (j *Journal) insert(ctx context.Context, tx *sql.Tx, entries []journal.Entry) error {
	args := make([]any, 0, entriesAtOnce[0]*entryColumns)
	for len(entries) > 0 {
		size := slices.IndexFunc(entriesAtOnce, func(n int) bool { return n <= len(entries) })
		args = args[:0]
		for _, e := range entries[:entriesAtOnce[size]] {
			args = append(args, e.Seq, e.ID, string(e.Kind), e.At.UnixNano(), e.JournaledAt.UnixNano(), e.Body, checksum(e.Seq, e.Record, e.JournaledAt))
		}
		if _, err := tx.StmtContext(ctx, j.inserts[size]).ExecContext(ctx, args...); err != nil {
			return explain("cannot insert into the journal", err)
		}
		entries = entries[entriesAtOnce[size]:]
	}
	return nil
}

const (
	insertEntry = "INSERT INTO entries (" + columns + ") VALUES "
	entryRow    = "(?,?,?,?,?,?,?)"
	// entryColumns is the number of columns.
	entryColumns = 7
)

// entriesAtOnce is how many entries one statement stores, the most that there are.
var entriesAtOnce = []int{16, 4, 1}

// prepare makes the statements of the writing connection.
func (j *Journal) prepare(ctx context.Context) (err error) {
	prepared := func(text string) (s *sql.Stmt) {
		if err == nil {
			s, err = j.writer.PrepareContext(ctx, text)
		}
		return s
	}
	j.inserts, j.finds = nil, nil
	for _, n := range entriesAtOnce {
		j.inserts = append(j.inserts, prepared(insertEntry+rowsOf(entryRow, n)))
	}
	for _, n := range idsAtOnce {
		j.finds = append(j.finds, prepared(findIDs+"("+rowsOf("?", n)+")"))
	}
	j.fileIDs = prepared(fileIDs + rowsOf("(?,?)", filedAtOnce))
	if err != nil {
		return fmt.Errorf("cannot prepare the journal's statements: %w", err)
	}
	return nil
}

// checksum covers all that an entry says.
func checksum(seq uint64, rec journal.Record, journaledAt time.Time) uint32 {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 64+len(rec.ID)), seq)
	b = binary.BigEndian.AppendUint64(b, uint64(rec.At.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(journaledAt.UnixNano()))
	b = append(append(append(b, rec.Kind...), 0), rec.ID...)
	return crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, rec.Body)
}

// recover gives up a connection that failed: after a failed sync nobody knows what is
// on disk, so the file is opened and checked again before the next acknowledgement. A
// full disk fails before anything is written over, and often: then the pages of the
// whole file are not read each time.
func (j *Journal) recover(failed error) {
	if err := j.writer.Close(); err != nil {
		j.log.Error("journal cannot be closed after an error", "path", j.path, "reason", err)
	}
	writer, err := writingDatabase(j.path)
	if err != nil {
		j.log.Error("journal cannot be opened again", "path", j.path, "reason", err)
		return
	}
	j.writer = writer
	steps := j.reopening()
	if !errors.Is(failed, journal.ErrNoSpace) {
		steps = append([]step{j.checkIntegrity}, steps...)
	}
	if err := verify(context.Background(), steps); err != nil {
		j.log.Error("journal is not sound after an error", "path", j.path, "reason", err)
	}
}

func explain(what string, err error) error {
	if diskFull(err) {
		return fmt.Errorf("%s: %w: %w", what, journal.ErrNoSpace, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
