package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/journaltest"
	"htgateway/gateway/journal/sqlite"
)

func options() sqlite.Options {
	return sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, place string) journal.Journal {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(place, "journal.db"), options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func TestContract(t *testing.T) { journaltest.Test(t, open) }

func TestSecondGatewayIsRefused(t *testing.T) {
	place := t.TempDir()
	open(t, place)
	if _, err := sqlite.Open(t.Context(), filepath.Join(place, "journal.db"), options()); err == nil || !strings.Contains(err.Error(), "another gateway") {
		t.Fatalf("second open: %v", err)
	}
}

func TestDamagedEntryIsNamed(t *testing.T) {
	place := t.TempDir()
	j := open(t, place)
	for i := range 3 {
		if _, err := j.Append(t.Context(), journal.Record{ID: fmt.Sprint("marker-", i), Kind: journal.KindAct, At: time.Now(), Body: []byte("MARKED" + fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(place, "journal.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(file), "MARKED1", "MARRED1", 1)
	if damaged == string(file) {
		t.Fatal("the body is not in the file")
	}
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	j = open(t, place)
	entries, err := j.Read(t.Context(), 0, 10)
	if !errors.Is(err, journal.ErrCorrupt) || !strings.Contains(err.Error(), "entry 2") || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if entries, err = j.Read(t.Context(), 2, 10); err != nil || len(entries) != 1 {
		t.Fatalf("after the damage: %d entries, %v", len(entries), err)
	}
}

// TestMain lets the test binary stand in for a gateway that is killed.
func TestMain(m *testing.M) {
	if place := os.Getenv("HTGATEWAY_TEST_APPEND"); place != "" {
		appendUntilKilled(place)
		return
	}
	os.Exit(m.Run())
}

// appendUntilKilled appends from several goroutines and prints each id only once
// its append has returned.
func appendUntilKilled(path string) {
	j, err := sqlite.Open(context.Background(), path, options())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var out sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				id := strconv.FormatUint(rand.Uint64(), 36)
				body := []byte(strings.Repeat(id, 20))
				if _, err := j.Append(context.Background(), journal.Record{ID: id, Kind: journal.KindReport, At: time.Now(), Body: body}); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				out.Lock()
				fmt.Println(id)
				out.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	place := filepath.Join(t.TempDir(), "journal.db")
	acknowledged := map[string]bool{}
	const rounds = 20
	for round := range rounds {
		killOnce(t, place, 1+rand.IntN(400), acknowledged)
		j, err := sqlite.Open(t.Context(), place, options())
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		seen := map[string]int{}
		var next uint64 = 1
		for after := uint64(0); ; {
			entries, err := j.Read(t.Context(), after, 5000)
			if err != nil {
				t.Fatal(err)
			}
			if len(entries) == 0 {
				break
			}
			for _, e := range entries {
				if e.Seq != next {
					t.Fatalf("entry %d where %d was due", e.Seq, next)
				}
				next++
				seen[e.ID]++
				after = e.Seq
			}
		}
		for id := range acknowledged {
			if seen[id] != 1 {
				t.Fatalf("round %d: acknowledged %q is in the journal %d times", round, id, seen[id])
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d acknowledged, none lost", rounds, len(acknowledged))
}

// killOnce kills an appending process after so many acknowledgements.
func killOnce(t *testing.T, place string, after int, acknowledged map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HTGATEWAY_TEST_APPEND="+place)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		acknowledged[lines.Text()] = true
		if n == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the process ended by itself")
	}
}

func BenchmarkAppend64(b *testing.B) {
	j, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), options())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	body := []byte(strings.Repeat("x", 300))
	n := 0
	for b.Loop() {
		records := make([]journal.Record, 64)
		for i := range records {
			n++
			records[i] = journal.Record{ID: strconv.Itoa(n), Kind: journal.KindReport, At: time.Now(), Body: body}
		}
		if _, err := j.Append(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

// TestRestForgetsNothing: a follower that stands behind what was kept at hand reads on
// from the file, and what comes afterwards comes as ever.
func TestRestForgetsNothing(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir()).(*sqlite.Journal)
	put := func(from, to int) {
		var records []journal.Record
		for n := from; n <= to; n++ {
			records = append(records, journal.Record{ID: fmt.Sprintf("r%d", n), Kind: journal.KindReport, At: time.Unix(int64(n), 0), Body: []byte("{}")})
		}
		if _, err := j.Append(t.Context(), records...); err != nil {
			t.Fatal(err)
		}
	}
	put(1, 20)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var seen []uint64
	enough := errors.New("enough")
	err := j.Follow(ctx, 4, func(entries []journal.Entry) error {
		for _, e := range entries {
			seen = append(seen, e.Seq)
		}
		switch seen[len(seen)-1] {
		case 20:
			for n := 21; n <= 22; n++ { // the writer gives its memory up between the two
				j.Rest()
				put(n, n)
			}
		case 22:
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || len(seen) != 18 || seen[0] != 5 || seen[17] != 22 {
		t.Fatalf("%v: %v", seen, err)
	}
}
