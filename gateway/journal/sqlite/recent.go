package sqlite

import (
	"math"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlitelog"
)

// atHand bounds the newest entries that are kept in memory, each of which was on disk
// before.
var atHand = sqlitelog.Bounds[journal.Entry]{
	Items: 16384, Bytes: 16 << 20, SizeOf: func(e *journal.Entry) int { return len(e.Body) },
}

// Rest drops what is kept in memory to be at hand, and is in the file.
func (j *Journal) Rest() {
	j.recent.Forget(math.MaxUint64)
	select {
	case j.shrinking <- struct{}{}:
	default:
	}
}

// shrink has SQLite give up the pages that it keeps for writing.
func (j *Journal) shrink() {
	if _, err := j.writer.Exec("PRAGMA shrink_memory"); err != nil {
		j.log.Warn("journal keeps its memory", "path", j.path, "reason", err)
	}
}
