package trace_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/history/trace"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/updatelog"
)

// TestWhyARepetitionIsNoPress: whoever asks why a code was no press is answered.
func TestWhyARepetitionIsNoPress(t *testing.T) {
	t.Parallel()
	dir, at := t.TempDir(), time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC)
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"), sqlite.Options{Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	updates, err := updatelog.Open(t.Context(), filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer updates.Close()
	for change, want := range map[devices.Change]string{
		devices.ChangeFirst: "", devices.ChangeMoved: "",
		devices.ChangeUnmoved:   "no press, the device stood there already",
		devices.ChangeSameBurst: "no press, another header of the burst reported it",
	} {
		text := textOf(t, j, dir, devices.Report{ID: string(change), Device: "aprs:YB0TST-9", Protocol: devices.APRS, StatusCode: "committed", Change: change, ReceivedAt: at})
		if !strings.Contains(text, want) || want == "" && strings.Contains(text, "no press") {
			t.Errorf("%s: %s", change, text)
		}
	}
}

// textOf journals a report and traces it.
func textOf(t *testing.T, j *sqlite.Journal, dir string, r devices.Report) string {
	t.Helper()
	ctx := context.Background()
	rec, err := journal.NewRecord(journal.KindReport, r.ID, r.ReceivedAt, &r)
	if err == nil {
		_, err = j.Append(ctx, rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sqlite.OpenToRead(ctx, filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	updates, err := updatelog.OpenToRead(ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer updates.Close()
	traced, err := trace.Follow(ctx, reader, updates, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := traced.WriteText(&b, time.UTC); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
