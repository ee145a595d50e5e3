package importer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/importer"
)

// lines has an entry of each kind, as an export writes them; some say no seq and no
// journaled_at.
var lines = []string{
	`{"seq":1,"id":"l1","kind":"link","at":"2026-11-24T09:00:00.000000001Z","journaled_at":"2026-11-24T09:00:01Z","body":{"link":"roof","at":"2026-11-24T09:00:00Z","state":"up"}}`,
	`{"id":"e1","kind":"enrolment","at":"2026-11-24T09:00:02Z","body":{"id":"e1","kind":"unit","by":"siti","at":"2026-11-24T09:00:02Z","unit":"d1","call_sign":"D 1"}}`,
	`{"id":"a1","kind":"act","at":"2026-11-24T09:00:03Z","body":{"id":"a1","kind":"open","incident":"i1","by":"siti","at":"2026-11-24T09:00:03Z","opening":{"number":"1","category":"fire","received_at":"2026-11-24T09:00:03Z"}}}`,
	`{"id":"r1","kind":"report","at":"2026-11-24T09:00:04Z","body":{"id":"r1","protocol":"kenwood","kind":"status","device":"fleetsync:1-1","received_at":"2026-11-24T09:00:04Z","link":"roof","status":"on_scene","raw":"AAE=","more":{"of":"later"}}}`,
	`{"id":"h1","kind":"hearing","at":"2026-11-24T09:00:04Z","body":{"report":"r1","link":"hill","received_at":"2026-11-24T09:00:04Z"}}`,
	`{"id":"x1","kind":"unparsed","at":"2026-11-24T09:00:05Z","body":{"link":"roof","at":"2026-11-24T09:00:05Z","reason":"checksum","raw":"AAE="}}`,
	`{"id":"m1-1","kind":"alarm","at":"2026-11-24T09:10:05Z","body":{"id":"m1","step":1,"kind":"breach","state":"raised","change":"raised","incident":"i1","clock":"monitoring","late":"Dispatcher","occurrence":1,"at":"2026-11-24T09:10:03Z","started_at":"2026-11-24T09:00:03Z","due_at":"2026-11-24T09:10:03Z","limit_s":600,"known_at":"2026-11-24T09:10:05Z","text":"x","text_en":"y"}}`,
	`{"id":"d1","kind":"delivery","at":"2026-11-24T09:10:06Z","body":{"message":"a9","unit":"d1","device":"fleetsync:1-1","at":"2026-11-24T09:10:06Z","state":"sent"}}`,
	`{"id":"s1","kind":"signin","at":"2026-11-24T09:10:07Z","body":{"name":"siti","what":"in","at":"2026-11-24T09:10:07Z"}}`,
	`{"id":"procedure-1","kind":"procedure","at":"2026-11-24T09:10:08Z","body":{"at":"2026-11-24T09:10:08Z","plan":{"Limits":{"closing":120000000000}}}}`,
}

func run(t *testing.T, folder datadir.Folder, text string) (importer.Result, error) {
	t.Helper()
	return importer.Run(t.Context(), folder, strings.NewReader(text), importer.Options{Log: slog.New(slog.DiscardHandler)})
}

// left are the files of a folder but for the lock.
func left(t *testing.T, folder datadir.Folder) (names []string) {
	t.Helper()
	files, err := os.ReadDir(string(folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, f.Name())
		}
	}
	return names
}

func TestEveryKindIsKept(t *testing.T) {
	t.Parallel()
	folder := datadir.Folder(t.TempDir())
	// The last line may have no end, and empty ones say nothing.
	if made, err := run(t, folder, strings.Join(lines, "\n\n")); err != nil || made != (importer.Result{Entries: len(lines)}) {
		t.Fatalf("%+v, %v", made, err)
	}
	if names := left(t, folder); len(names) != 1 || names[0] != datadir.Journal {
		t.Errorf("files: %v", names)
	}
	j, err := folder.ReadJournal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	n := uint64(0)
	for e, err := range j.Entries(t.Context()) {
		n++
		if err != nil || e.Seq != n || !strings.Contains(lines[n-1], `"body":`+string(e.Body)) || !strings.Contains(lines[n-1], `"at":"`+e.At.Format(time.RFC3339Nano)) {
			t.Errorf("%+v, %v", e, err)
		}
		journaled := e.At
		if n == 1 {
			journaled = e.At.Add(time.Second - 1)
		}
		if !e.JournaledAt.Equal(journaled) {
			t.Errorf("entry %d journaled at %s", n, e.JournaledAt)
		}
	}
}

// TestManyLines are more than are stored at once; the same again, and in another order.
func TestManyLines(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	const many = 10_000
	line := func(i int) {
		fmt.Fprintf(&text, `{"seq":%d,"id":"l%d","kind":"link","at":"2026-11-24T09:00:00Z","journaled_at":"%s","body":{"link":"roof","n":%d}}`+"\n",
			i+1, i, time.Date(2026, 11, 24, 9, 0, 0, i*1000, time.UTC).Format(time.RFC3339Nano), i)
	}
	for i := range many {
		line(i)
		line(i / 2)
	}
	folder := datadir.Folder(t.TempDir())
	made, err := run(t, folder, text.String())
	if err != nil || made.Entries != many || made.Duplicates != many || made.Renumbered != 0 {
		t.Fatalf("%+v, %v", made, err)
	}
	text.Reset()
	for i := many; i > 0; i-- {
		line(i - 1)
	}
	other := datadir.Folder(t.TempDir())
	if made, err := run(t, other, text.String()); err != nil || made.Entries != many || made.Renumbered != 0 {
		t.Fatalf("%+v, %v", made, err)
	}
	j, err := other.ReadJournal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if es, err := j.Read(t.Context(), 0, 1); err != nil || len(es) != 1 || es[0].ID != "l0" || !es[0].JournaledAt.Equal(es[0].At) {
		t.Errorf("%+v, %v", es, err)
	}
}

func TestABadLineIsNamed(t *testing.T) {
	t.Parallel()
	changed := func(line int, old, with string) string {
		if !strings.Contains(lines[line], old) {
			t.Fatalf("%s has no %s", lines[line], old)
		}
		return strings.Replace(lines[line], old, with, 1)
	}
	for name, bad := range map[string]string{
		"no JSON":             `{"id":"l9","kind"`,
		"a list":              `[1]`,
		"two on one line":     lines[0] + lines[1],
		"no id":               changed(0, `"id":"l1",`, ""),
		"an unknown field":    changed(0, `"id":"l1"`, `"id":"l9","colour":"red"`),
		"no time":             changed(2, `"at":"2026-11-24T09:00:03Z","body"`, `"body"`),
		"a year 9000":         changed(2, `"at":"2026`, `"at":"9000`),
		"an unknown kind":     changed(0, `"kind":"link"`, `"kind":"links"`),
		"the kind of damage":  changed(0, `"kind":"link"`, `"kind":"damaged"`),
		"no body":             `{"id":"l9","kind":"link","at":"2026-11-24T09:00:00Z"}`,
		"a body that is text": `{"id":"l9","kind":"link","at":"2026-11-24T09:00:00Z","body":"up"}`,
		"a body of another":   changed(2, `"id":"a1","kind":"open"`, `"id":"a2","kind":"open"`),
		"no such act":         changed(2, `"kind":"open"`, `"kind":"opened"`),
		"an opening of none":  changed(2, `"opening"`, `"openings"`),
		"no incident":         changed(2, `"incident":"i1",`, ""),
		"a report of never":   changed(3, `"received_at"`, `"received"`),
		"a number 0":          changed(0, `"seq":1`, `"seq":0`),
		"a negative number":   changed(0, `"seq":1`, `"seq":-1`),
		"one id, two things":  changed(0, `"state":"up"`, `"state":"down"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := datadir.Folder(t.TempDir())
			_, err := run(t, folder, lines[0]+"\n\n"+bad+"\n"+lines[4])
			var wrong *importer.LineError
			if !errors.As(err, &wrong) || wrong.Line != 3 {
				t.Errorf("%v", err)
			}
			if names := left(t, folder); len(names) != 0 {
				t.Errorf("left: %v", names)
			}
		})
	}
	if _, err := run(t, datadir.Folder(t.TempDir()), "\n"); err == nil {
		t.Error("nothing is a journal")
	}
}

func TestAFolderInUseIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{datadir.Journal, datadir.Updates, datadir.Series, datadir.Checkpoint} {
		folder := datadir.Folder(t.TempDir())
		path := filepath.Join(string(folder), name)
		if err := os.WriteFile(path, []byte("something"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := run(t, folder, lines[0]); !errors.Is(err, importer.ErrNotEmpty) {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "something" {
			t.Errorf("%s is %q, %v", name, text, err)
		}
	}
	folder := datadir.Folder(t.TempDir())
	c := config.Config{Data: config.Data{Dir: string(folder)}}
	j, err := datadir.OpenJournal(t.Context(), c, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := os.Remove(folder.Journal()); err != nil { // the lock is what stays
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := importer.Run(ctx, folder, strings.NewReader(lines[0]), importer.Options{Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, journal.ErrInUse) {
		t.Errorf("while a gateway has it: %v", err)
	}
}
