package sqlite_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// BenchmarkAppend is how long so many records take that come at once, on the disk of the
// machine, to be on it.
func BenchmarkAppend(b *testing.B) {
	for _, many := range []int{1, 10, 20, 200} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			j, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			body, n := bytes.Repeat([]byte("a"), 600), 0 // as long as most reports
			for b.Loop() {
				records := make([]journal.Record, many)
				for i := range records {
					n++
					records[i] = journal.Record{ID: journal.Digest(strconv.Itoa(n)), Kind: journal.KindReport, At: time.Now(), Body: body}
				}
				if _, err := j.Append(b.Context(), records...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*many), "µs/record")
		})
	}
}
