package updatelog_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

// TestAwait waits for a sink, and only for what the log had at the call.
func TestAwait(t *testing.T) {
	t.Parallel()
	l, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "updates"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := l.Await(t.Context(), "series", nil); err != nil {
		t.Errorf("an empty log: %v", err)
	}
	if err := l.Append(t.Context(), []incident.Update{{Seq: 1}, {Seq: 2}, {Seq: 3}}); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.Await(short, "series", nil); err == nil || !strings.Contains(err.Error(), "series is at update 0 of 3") {
		t.Errorf("behind: %v", err)
	}
	var seen []uint64
	err = l.Await(t.Context(), "series", func(cursor, last uint64) {
		if seen = append(seen, cursor); last != 3 {
			t.Errorf("it waits for %d", last)
		}
		if err := l.Append(t.Context(), []incident.Update{{Seq: 4}}); err != nil {
			t.Error(err)
		}
		if err := l.SetCursor(t.Context(), "series", min(cursor+2, 3)); err != nil {
			t.Error(err)
		}
	})
	if err != nil || len(seen) != 3 || seen[0] != 0 || seen[1] != 2 || seen[2] != 3 {
		t.Errorf("cursors %v, %v", seen, err)
	}
}
