package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"

	"htgateway/gateway/journal"
)

// When ids are filed in the index.
const (
	fileAtMost = 16 << 10 // so many at once, and at once when so many wait
	fileIdle   = 1 << 10  // so many are worth it when nothing else is to be written
)

// ids finds entries by the ids of their records. Ids are hashes: in an index each new
// one would touch a page of its own, and every commit write all of those pages. So the
// newest are kept in memory, and filed many at once in the index's order. What was not
// filed is found again at a start by reading the ids of the last entries.
type ids struct {
	mu      sync.RWMutex
	unfiled map[string]uint64
	filed   uint64 // entries up to this number are in the index
}

// newest is the number of an entry that is not filed yet.
func (s *ids) newest(id string) (seq uint64, known bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	seq, known = s.unfiled[id]
	return seq, known
}

// add keeps entries that were just committed.
func (s *ids) add(entries []journal.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		s.unfiled[e.ID] = e.Seq
	}
}

func (s *ids) waiting() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.unfiled)
}

// key is the place of an id in the index. Several ids may have one.
func key(id string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // never fails
	return int64(h.Sum64())
}

// readIDs loads what is not filed, and files what is too much to be kept in memory.
func (j *Journal) readIDs(ctx context.Context) error {
	s := &ids{unfiled: map[string]uint64{}}
	if err := j.writer.QueryRowContext(ctx, "SELECT value FROM marks WHERE name = 'filed'").Scan(&s.filed); err != nil {
		return fmt.Errorf("cannot read how many ids are filed: %w", err)
	}
	for after := s.filed; ; {
		n, err := j.readUnfiled(ctx, s, after)
		if err != nil {
			return err
		}
		after += n
		if n < fileAtMost {
			break
		}
		if err := j.file(ctx, s); err != nil {
			return err
		}
	}
	j.ids = s
	return nil
}

// readUnfiled adds the ids after an entry, and returns how many.
func (j *Journal) readUnfiled(ctx context.Context, s *ids, after uint64) (n uint64, err error) {
	rows, err := j.writer.QueryContext(ctx, "SELECT id, seq FROM entries WHERE seq > ? ORDER BY seq LIMIT ?", after, fileAtMost)
	if err != nil {
		return 0, fmt.Errorf("cannot read the newest ids: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var seq uint64
		if err := rows.Scan(&id, &seq); err != nil {
			return 0, fmt.Errorf("cannot read the newest ids: %w", err)
		}
		s.unfiled[id] = seq
		n++
	}
	return n, rows.Err()
}

// file brings the ids in memory to the index, in its order.
func (j *Journal) file(ctx context.Context, s *ids) error {
	type place struct {
		key int64
		seq uint64
	}
	s.mu.RLock()
	filed, places := s.filed, make([]place, 0, len(s.unfiled))
	for id, seq := range s.unfiled {
		places = append(places, place{key(id), seq})
		filed = max(filed, seq)
	}
	s.mu.RUnlock()
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.seq, b.seq)) })
	tx, err := j.writer.BeginTx(ctx, nil)
	if err != nil {
		return explain("cannot begin to file ids of the journal", err)
	}
	defer tx.Rollback()
	args := make([]any, 0, 2*filedAtOnce)
	for chunk := range slices.Chunk(places, filedAtOnce) {
		args = args[:0]
		for _, p := range chunk {
			args = append(args, p.key, p.seq)
		}
		for len(args) < 2*filedAtOnce { // the last one again, which is ignored
			args = append(args, args[len(args)-2:]...)
		}
		if _, err := tx.StmtContext(ctx, j.fileIDs).ExecContext(ctx, args...); err != nil {
			return explain("cannot file ids of the journal", err)
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE marks SET value = ? WHERE name = 'filed'", filed); err != nil {
		return explain("cannot note what ids of the journal are filed", err)
	}
	if err := tx.Commit(); err != nil {
		return explain("cannot commit filed ids of the journal", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filed = filed
	clear(s.unfiled) // only the writing goroutine adds, and that is who is here
	return nil
}

const (
	fileIDs = "INSERT OR IGNORE INTO ids (key, seq) VALUES "
	findIDs = "SELECT entries.id, entries.seq FROM ids JOIN entries ON entries.seq = ids.seq WHERE ids.key IN "

	// filedAtOnce is how many ids one statement files.
	filedAtOnce = 64
)

// idsAtOnce is how many ids one statement asks for, the fewest that are enough.
var idsAtOnce = []int{4, 16, 64}

// rowsOf is so many rows of placeholders.
func rowsOf(row string, n int) string { return strings.TrimSuffix(strings.Repeat(row+",", n), ",") }

// filedAmong returns which of some ids are filed, with their entries' numbers.
func (j *Journal) filedAmong(ctx context.Context, tx *sql.Tx, asked []string) (map[string]uint64, error) {
	if j.ids.filed == 0 || len(asked) == 0 {
		return nil, nil
	}
	found := map[string]uint64{}
	most := idsAtOnce[len(idsAtOnce)-1]
	args := make([]any, 0, most)
	for chunk := range slices.Chunk(asked, most) {
		size := slices.IndexFunc(idsAtOnce, func(n int) bool { return n >= len(chunk) })
		args = args[:0]
		for n := range idsAtOnce[size] { // the last one again, which is found once
			args = append(args, key(chunk[min(n, len(chunk)-1)]))
		}
		rows, err := tx.StmtContext(ctx, j.finds[size]).QueryContext(ctx, args...)
		if err != nil {
			return nil, explain("cannot look for duplicates in the journal", err)
		}
		for rows.Next() {
			var id string
			var seq uint64
			if err := rows.Scan(&id, &seq); err != nil {
				return nil, explain("cannot look for duplicates in the journal", errors.Join(err, rows.Close()))
			}
			found[id] = seq
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, explain("cannot look for duplicates in the journal", err)
		}
	}
	return found, nil
}
