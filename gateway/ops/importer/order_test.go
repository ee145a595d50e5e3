package importer_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/datadir"
)

// TestOrderOfLines: lines that somebody mixed make the journal that they come from, by their
// numbers or by their times; where a clock was set back, or a site delivered late, lines stay
// as they stand.
func TestOrderOfLines(t *testing.T) {
	t.Parallel()
	line := func(n, second int, numbered bool) string {
		at := time.Date(2026, 11, 24, 9, 0, second, 0, time.UTC).Format(time.RFC3339)
		seq := ""
		if numbered {
			seq = fmt.Sprintf(`"seq":%d,`, n+1)
		}
		return fmt.Sprintf(`{%s"id":"l%02d","kind":"link","at":%q,"body":{"link":"roof","at":%q,"state":"up"}}`, seq, n, at, at)
	}
	straight := func(n int) int { return n }
	for _, c := range []struct {
		name     string
		second   func(n int) int
		numbered bool
		mixed    bool
	}{
		{"in order", straight, false, false},
		{"numbered and mixed", straight, true, true},
		{"mixed", straight, false, true},
		{"a clock set back", func(n int) int { return n - 9*min(1, n/20) }, false, false},
		{"a clock set back, numbered and mixed", func(n int) int { return n - 9*min(1, n/20) }, true, true},
		{"a late delivery", func(n int) int { return n % 30 }, false, false},
	} {
		var text, want []string
		for n := range 40 {
			text, want = append(text, line(n, c.second(n), c.numbered)), append(want, fmt.Sprintf("l%02d", n))
		}
		if c.mixed {
			rand.New(rand.NewSource(1)).Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
		}
		folder := datadir.Folder(t.TempDir())
		if _, err := run(t, folder, strings.Join(text, "\n")); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := ids(t, folder); !slices.Equal(got, want) {
			t.Errorf("%s: entries are %v", c.name, got)
		}
		if names := left(t, folder); len(names) != 1 {
			t.Errorf("%s: files %v", c.name, names)
		}
	}
}

// ids are those of a folder's journal, in its order.
func ids(t *testing.T, folder datadir.Folder) (out []string) {
	t.Helper()
	j, err := folder.ReadJournal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for e, err := range j.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.ID)
	}
	return out
}
