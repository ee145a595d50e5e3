package journal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"htgateway/gateway/journal"
)

// longJournal has entries 1 to last; one of them may be corrupt, and reading may fail
// after one.
type longJournal struct{ last, corrupt, broken uint64 }

func (j longJournal) Read(_ context.Context, after uint64, limit int) (out []journal.Entry, err error) {
	for seq := after + 1; seq <= j.last && len(out) < limit; seq++ {
		switch seq {
		case j.corrupt:
			return out, fmt.Errorf("entry %d: %w", seq, journal.ErrCorrupt)
		case j.broken:
			return out, errors.New("no disk")
		}
		out = append(out, journal.Entry{Seq: seq})
	}
	return out, nil
}

func TestAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		journal longJournal
		after   uint64
		upTo    uint64 // where the reader has enough, 0 for never
		want    string
	}{
		{"empty", longJournal{}, 0, 0, "0 entries"},
		{"several batches", longJournal{last: 5000}, 0, 0, "5000 entries"},
		{"the end of it", longJournal{last: 5000}, 4990, 0, "10 entries"},
		{"nothing left", longJournal{last: 5000}, 5000, 0, "0 entries"},
		{"until the reader has enough", longJournal{last: 5000}, 0, 7, "7 entries"},
		{"over a corrupt one", longJournal{last: 3000, corrupt: 1500}, 0, 0, "2999 entries; 1500 corrupt"},
		{"a corrupt one is enough", longJournal{last: 3000, corrupt: 1500}, 0, 1500, "1499 entries; 1500 corrupt"},
		{"the first is corrupt", longJournal{last: 3, corrupt: 1}, 0, 0, "2 entries; 1 corrupt"},
		{"the last is corrupt", longJournal{last: 3, corrupt: 3}, 0, 0, "2 entries; 3 corrupt"},
		{"the disk fails", longJournal{last: 3000, broken: 1500}, 0, 0, "1499 entries; no disk"},
	} {
		n, next, errs := 0, c.after+1, []string{""}
		for e, err := range journal.All(t.Context(), c.journal, c.after) {
			switch {
			case errors.Is(err, journal.ErrCorrupt):
				errs = append(errs, fmt.Sprint(e.Seq, " corrupt"))
			case err != nil:
				errs = append(errs, err.Error())
			default:
				n++
			}
			if err == nil && e.Seq != next {
				t.Errorf("%s: %d where %d is next", c.name, e.Seq, next)
			}
			if next = e.Seq + 1; e.Seq == c.upTo && c.upTo > 0 {
				break
			}
		}
		if got := fmt.Sprint(n, " entries") + strings.Join(errs, "; "); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
}
