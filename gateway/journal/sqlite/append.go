package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"htgateway/gateway/journal"
)

// mostInCommit bounds one transaction, in records.
const mostInCommit = 4096

// request is one append that waits for its commit.
type request struct {
	records []journal.Record
	answer  chan<- answer
}

type answer struct {
	results []journal.Result
	err     error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Append returns once the records are on disk, all or none of them. When ctx
// ends first they may still be stored, but nothing may be acknowledged.
func (j *Journal) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	if len(records) == 0 {
		return nil, nil
	}
	answers := make(chan answer, 1)
	select {
	case j.requests <- request{records, answers}:
	case <-j.stop:
		return nil, journal.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case a := <-answers:
		return a.results, a.err
	case <-j.done:
		return nil, journal.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// write is the one goroutine that writes entries.
func (j *Journal) write() {
	defer close(j.done)
	for {
		select {
		case r := <-j.requests:
			j.commit(j.gather(r))
		case <-j.stop:
			for {
				select {
				case r := <-j.requests:
					j.commit(j.gather(r))
				default:
					return
				}
			}
		}
	}
}

// gather takes every append that is waiting now.
func (j *Journal) gather(first request) []request {
	group := []request{first}
	for n := len(first.records); n < mostInCommit; {
		select {
		case r := <-j.requests:
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
		j.recent.add(fresh)
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
		j.recover()
	} else {
		j.commits.Add(1)
		j.bytes.Add(size)
	}
	for i, r := range group {
		if err != nil {
			r.answer <- answer{err: err}
			continue
		}
		r.answer <- answer{results: results[i]}
	}
}

func (j *Journal) store(group []request) (results [][]journal.Result, fresh []journal.Entry, size uint64, err error) {
	ctx := context.Background() // a commit under way is never abandoned half-way
	tx, err := j.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, 0, explain("cannot begin", err)
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO entries (seq, id, kind, at, journaled_at, body, checksum) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")
	if err != nil {
		return nil, nil, 0, explain("cannot prepare", err)
	}
	defer insert.Close()
	next := j.last + 1
	now := time.Unix(0, j.now().UnixNano()).UTC() // as it will be read back
	for _, r := range group {
		own := make([]journal.Result, len(r.records))
		for i, rec := range r.records {
			if own[i], err = j.insert(ctx, tx, insert, rec, next, now); err != nil {
				return nil, nil, 0, err
			}
			if !own[i].Duplicate {
				rec.At = time.Unix(0, rec.At.UnixNano()).UTC()
				fresh = append(fresh, journal.Entry{Seq: next, JournaledAt: now, Record: rec})
				next++
				size += uint64(len(rec.Body))
			}
		}
		results = append(results, own)
	}
	if err := tx.Commit(); err != nil {
		return nil, nil, 0, explain("cannot commit", err)
	}
	return results, fresh, size, nil
}

// insert stores one record under the next number, or finds the one that has its id.
func (j *Journal) insert(ctx context.Context, tx *sql.Tx, insert *sql.Stmt, rec journal.Record, next uint64, now time.Time) (journal.Result, error) {
	sum := checksum(next, rec, now)
	done, err := insert.ExecContext(ctx, next, rec.ID, string(rec.Kind), rec.At.UnixNano(), now.UnixNano(), rec.Body, sum)
	if err != nil {
		return journal.Result{}, explain("cannot insert", err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return journal.Result{}, explain("cannot insert", err)
	}
	if n == 1 {
		return journal.Result{Seq: next}, nil
	}
	var seq uint64
	if err := tx.QueryRowContext(ctx, "SELECT seq FROM entries WHERE id = ?", rec.ID).Scan(&seq); err != nil {
		return journal.Result{}, explain("cannot find the duplicate", err)
	}
	return journal.Result{Seq: seq, Duplicate: true}, nil
}

// checksum covers all that an entry says.
func checksum(seq uint64, rec journal.Record, journaledAt time.Time) uint32 {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 64+len(rec.ID)), seq)
	b = binary.BigEndian.AppendUint64(b, uint64(rec.At.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(journaledAt.UnixNano()))
	b = append(append(append(b, rec.Kind...), 0), rec.ID...)
	return crc32.Update(crc32.Checksum(b, castagnoli), castagnoli, rec.Body)
}

// recover gives up a connection that failed: after a failed sync nobody knows
// what is on disk, so the file is opened and checked again before the next
// acknowledgement.
func (j *Journal) recover() {
	if err := j.writer.Close(); err != nil {
		j.log.Error("journal cannot be closed after an error", "path", j.path, "reason", err)
	}
	writer, err := database(j.path, 1)
	if err != nil {
		j.log.Error("journal cannot be opened again", "path", j.path, "reason", err)
		return
	}
	j.writer = writer
	if err := j.verify(context.Background()); err != nil {
		j.log.Error("journal is not sound after an error", "path", j.path, "reason", err)
	}
}

func explain(what string, err error) error {
	if diskFull(err) {
		return fmt.Errorf("journal %s: %w: %w", what, journal.ErrNoSpace, err)
	}
	return fmt.Errorf("journal %s: %w", what, err)
}
