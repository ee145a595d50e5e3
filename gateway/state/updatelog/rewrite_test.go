package updatelog_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
)

// TestAppendGoesOnWhileHistoryIsRewritten: while a long history is rewritten, or places in
// it are forgotten, more updates than may wait for the file are appended, and none of them
// waits for long.
func TestAppendGoesOnWhileHistoryIsRewritten(t *testing.T) {
	t.Parallel()
	const long, batch, atMost = 20_000, 500, 200 * time.Millisecond
	for name, rewrite := range map[string]func(*updatelog.Log) error{
		"rewritten": func(l *updatelog.Log) error {
			return l.Rewrite(t.Context(), updatelog.Rewriting{
				Incidents: []string{"i1"},
				Update: func(u *incident.Update) bool {
					u.Text = strings.ReplaceAll(u.Text, "Aminah", incident.Erased)
					return true
				},
				Letter: func(body string) string { return body },
			})
		},
		"places": func(l *updatelog.Log) error {
			entries := make([]uint64, long)
			for i := range entries {
				entries[i] = uint64(i + 1)
			}
			_, err := l.ForgetPlaces(t.Context(), entries)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			seq := uint64(0)
			more := func(id, text string, n int) []incident.Update {
				out := make([]incident.Update, n)
				for i := range out {
					seq++
					out[i] = incident.Update{Seq: seq, JournalSeq: seq, ID: fmt.Sprint("u", seq), Kind: incident.UpdateNote, Incident: id, Text: text}
				}
				return out
			}
			for range long / batch {
				if err := l.Append(t.Context(), more("i1", "Aminah waits", batch)); err != nil {
					t.Fatal(err)
				}
			}
			done := make(chan error, 1)
			go func() { done <- rewrite(l) }()
			appended, longest := 0, time.Duration(0)
			again := time.NewTicker(20 * time.Millisecond)
			defer again.Stop()
			for running := true; running; appended++ {
				began := time.Now()
				if err := l.Append(t.Context(), more("i2", "other", 2*batch)); err != nil {
					t.Fatal(err)
				}
				longest = max(longest, time.Since(began))
				select {
				case err := <-done:
					if err != nil {
						t.Error(err)
					}
					running = false
				case <-again.C:
				}
			}
			t.Logf("%d batches appended meanwhile, the slowest in %v", appended, longest)
			if longest > atMost {
				t.Errorf("an append waited for %v", longest)
			}
		})
	}
}

// TestLetterOfASinkThatHadItBefore: what a sink had in hand before a rewriting, and sets
// aside after it, is kept as the rewriting would have left it.
func TestLetterOfASinkThatHadItBefore(t *testing.T) {
	t.Parallel()
	l := open(t, t.TempDir())
	gone := func(body string) string { return strings.ReplaceAll(body, "Bu Aminah", "…") }
	if err := l.Rewrite(t.Context(), updatelog.Rewriting{Update: func(*incident.Update) bool { return false }, Letter: gone}); err != nil {
		t.Fatal(err)
	}
	if err := l.SetAside(t.Context(), updatelog.DeadLetter{Sink: "webhook", Seq: 7, At: time.Now(), Reason: "refused: Bu Aminah", Body: `{"text":"kata Bu Aminah"}`}); err != nil {
		t.Fatal(err)
	}
	letters, err := l.DeadLetters(t.Context(), 2)
	if err != nil || len(letters) != 1 || letters[0].Body != `{"text":"kata …"}` || letters[0].Reason != "refused: …" {
		t.Errorf("%+v, %v", letters, err)
	}
}
