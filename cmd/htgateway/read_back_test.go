package main

import (
	"context"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/devicestest"
	"htgateway/devices/protocol"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// comparing is a journal that holds each report that it is given to what is read back
// of what it keeps.
type comparing struct {
	*sqlite.Journal
	t       *testing.T
	reports int
}

func (c *comparing) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	for _, rec := range records {
		if rec.Kind != journal.KindReport {
			continue
		}
		c.reports++
		given, err := journal.Decode[devices.Report](journal.Entry{Record: rec}.WithDecodeCache())
		if err != nil {
			c.t.Fatal(err)
		}
		kept, err := journal.Decode[devices.Report](journal.Entry{Record: journal.Record{ID: rec.ID, Kind: rec.Kind, At: rec.At, Body: rec.Body}})
		if err != nil {
			c.t.Fatal(err)
		}
		if !reflect.DeepEqual(given, kept) {
			c.t.Errorf("those who follow are given\n%+v\nand read back\n%+v\nof %s", given, kept, rec.Body)
		}
	}
	return c.Journal.Append(ctx, records...)
}

// TestReportIsReadBackAsGiven decodes what fuzzing found and the vectors of every
// protocol: a tracker that follows and one that reads the journal again must have
// the same to the bit.
func TestReportIsReadBackAsGiven(t *testing.T) {
	t.Parallel()
	topics := map[devices.Protocol]string{
		devices.OwnTracks: "owntracks/andi/phone", devices.FieldJSON: "htgateway/devices/andi/report", devices.Meshtastic: "msh/ID/2/json/LongFast/!433c8aac",
	}
	vectorFiles := map[devices.Protocol][]string{
		devices.Kenwood: {"kenwood.jsonl", "captured.jsonl"}, devices.NMEA: {"nmea.jsonl", "captured.jsonl"},
		devices.APRS: {"aprs.jsonl"}, devices.TETRA: {"tetra.jsonl", "captured.jsonl"},
	}
	for _, e := range protocol.All() {
		name := e.Name
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			j := &comparing{Journal: file, t: t}
			in := intake.New(j, intake.Options{Codebook: devices.DefaultCodebook(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			inputs := devicestest.CorpusAt(t, filepath.Join("..", "..", "devices", "protocol", string(name), "testdata", "corpus.txt"))
			inputs = append(inputs, payloadsOf(t, name)...)
			for _, f := range vectorFiles[name] {
				for _, v := range vectors(t, f, string(name)) {
					b, err := hex.DecodeString(v.Hex)
					if err != nil {
						t.Fatal(err)
					}
					inputs = append(inputs, append(b, "\r\n"...))
				}
			}
			for _, input := range inputs {
				d, err := opening{topic: topics[name]}.open(e)
				if err != nil {
					t.Fatal(err)
				}
				at := time.Now()
				var heard []intake.Heard
				for _, f := range append(d.Feed(input, at), d.Flush(at)...) {
					heard = append(heard, intake.Heard{Frame: f, Link: "roof"})
				}
				if err := in.Take(t.Context(), heard...); err != nil {
					t.Fatal(err)
				}
			}
			if j.reports < 5 {
				t.Errorf("only %d reports came of %d inputs", j.reports, len(inputs))
			}
		})
	}
}

// payloadsOf are what devices publish, from the tests of their decoders: each line has a
// name and the payload.
func payloadsOf(t *testing.T, name devices.Protocol) (payloads [][]byte) {
	t.Helper()
	file := map[devices.Protocol]string{devices.OwnTracks: "payloads.txt", devices.FieldJSON: "payloads.jsonl", devices.Meshtastic: "json.txt"}[name]
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "devices", "protocol", string(name), "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, payload, found := strings.Cut(line, " ")
		if name == devices.FieldJSON {
			_, payload, found = strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), "}"), `"payload":`)
		}
		if !found {
			t.Fatalf("%s: no payload in %q", file, line)
		}
		payloads = append(payloads, []byte(strings.TrimSpace(payload)+"\n"))
	}
	return payloads
}
