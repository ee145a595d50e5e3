package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// forgetAtOnce is how many points one transaction removes: the follower is not to
// wait long for its turn.
const forgetAtOnce = 5000

// Forget removes a measurement's points before a time and tells how many there were.
// SQLite overwrites them with zeros, and uses their room again.
func (s *Store) Forget(ctx context.Context, measurement string, before time.Time) (int64, error) {
	id, found, err := s.measurement(ctx, measurement)
	if err != nil || !found {
		return 0, err
	}
	var all int64
	for {
		n, err := s.remove(ctx, `DELETE FROM points WHERE (measurement, time, series) IN (
			SELECT measurement, time, series FROM points WHERE measurement = ? AND time < ? LIMIT ?)`, id, nanoseconds(before), forgetAtOnce)
		all += n
		if err != nil || n == 0 {
			return all, err
		}
	}
}

// Thin removes all but the first point of each series in each stretch of time before
// a time. Stretches begin at multiples of every since 1970.
func (s *Store) Thin(ctx context.Context, measurement string, before time.Time, every time.Duration) (int64, error) {
	id, found, err := s.measurement(ctx, measurement)
	if err != nil || !found {
		return 0, err
	}
	// Whole stretches, an hour and more at a time.
	window := max(time.Hour, every).Truncate(every).Nanoseconds()
	end := nanoseconds(before) / every.Nanoseconds() * every.Nanoseconds()
	var all int64
	for from := int64(-1 << 63); ; {
		// Over stretches without points at once.
		var first sql.Null[int64]
		if err := s.db.QueryRowContext(ctx, "SELECT min(time) FROM points WHERE measurement = ? AND time >= ? AND time < ?", id, from, end).Scan(&first); err != nil {
			return all, unavailable("cannot find points to thin", err)
		}
		if !first.Valid {
			return all, nil
		}
		begin := first.V - (first.V%window+window)%window
		n, err := s.remove(ctx, `DELETE FROM points WHERE (measurement, time, series) IN (
			SELECT measurement, time, series FROM (
				SELECT measurement, time, series, row_number() OVER (PARTITION BY series, time / ? ORDER BY time) AS place
				FROM points WHERE measurement = ? AND time >= ? AND time < ?)
			WHERE place > 1)`, every.Nanoseconds(), id, begin, min(begin+window, end))
		all += n
		if err != nil {
			return all, err
		}
		from = begin + window
	}
}

func (s *Store) measurement(ctx context.Context, name string) (id int64, found bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT id FROM measurements WHERE name = ?", name).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err != nil:
		return 0, false, unavailable("cannot find a measurement", err)
	}
	return id, true, nil
}

// remove runs one statement that removes points, in the writer's turn.
func (s *Store) remove(ctx context.Context, statement string, args ...any) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, unavailable("cannot remove points", err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return 0, unavailable("cannot count what was removed", err)
	}
	return n, nil
}
