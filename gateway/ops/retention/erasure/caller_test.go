package erasure_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/ops/retention/erasure"
	"htgateway/gateway/state/updatelog"
)

// aCall is an incident, as it is opened at a minute.
func aCall(id, caller string, minute float64) journal.Record {
	return act(incident.Act{Kind: incident.ActOpen, Incident: id, Opening: &incident.Opening{
		Number: id, Category: "fire", ReceivedAt: at(minute), Caller: caller, Location: &incident.Location{Lat: scene[1], Lon: scene[0]},
	}}, minute)
}

// said is an act of some kind about an incident, with a reason.
func said(kind incident.ActKind, id, reason string, minute float64) journal.Record {
	return act(incident.Act{Kind: kind, Incident: id, Units: []string{"damkar-1"}, Reason: reason}, minute)
}

func corrected(minute, to float64, reason string) journal.Record {
	return act(incident.Act{Kind: incident.ActCorrect, Incident: "i1", Units: []string{"damkar-1"}, Milestone: incident.OnScene, MilestoneAt: at(to), Reason: reason}, minute)
}

func message(id, by, unit, text string, minute float64) journal.Record {
	return record(journal.KindAct, id, at(minute), incident.Act{ID: id, Kind: incident.ActMessage, By: by, At: at(minute), Units: []string{unit}, Text: text})
}

// TestErasureIsComplete: wherever somebody wrote who called, after an erasure no file of
// the data folder says so, and the journal folds to the updates that the log has then. What
// must stay stays.
func TestErasureIsComplete(t *testing.T) {
	t.Parallel()
	const caller = "Bu Aminah 0812-3456-7890"
	secrets := []string{"Aminah", "AMINAH", "0812-3456-7890", "081234567890", "pagar merah"}
	sent := said(incident.ActDispatch, "i1", "", 1)
	for name, c := range map[string]struct {
		records []journal.Record
		stays   string
	}{
		"a note":           {[]journal.Record{act(incident.Act{Kind: incident.ActNote, Incident: "i1", Text: "Aminah waits at the bridge"}, 1)}, "waits at the bridge"},
		"a message to her": {[]journal.Record{sent, message("m", "siti", "damkar-1", "HUBUNGI PELAPOR, pagar merah", 2)}, ""},
		"a message, and what became of it": {[]journal.Record{
			sent, message("m", "siti", "damkar-1", "HUBUNGI pagar merah", 2),
			record(journal.KindDelivery, "d1", at(3), journal.Delivery{Message: "m", Unit: "damkar-1", Device: "fleetsync:102-1001", At: at(3), State: journal.DeliverySent, Text: "HUBUNGI pagar merah"}),
		}, ""},
		"a message to another unit":          {[]journal.Record{sent, message("m", "siti", "psc-1", "TELP 081234567890 SEGERA", 2)}, "SEGERA"},
		"a message to another unit, by name": {[]journal.Record{sent, message("m", "siti", "psc-1", "CARI AMINAH SEGERA", 9)}, "SEGERA"},
		"a message before they were sent":    {[]journal.Record{message("m", "siti", "damkar-1", "KEMBALI KE POS", 0.5), sent}, "KEMBALI KE POS"},
		"a message after they were released": {[]journal.Record{sent, said(incident.ActRelease, "i1", "", 5), message("m", "siti", "damkar-1", "KEMBALI KE POS", 6)}, "KEMBALI KE POS"},
		"a message of the procedure":         {[]journal.Record{sent, message("m", journal.BySOP, "damkar-1", "LAPOR STATUS", 6)}, "LAPOR STATUS"},
		"a message on the surviving incident": {[]journal.Record{
			aCall("i2", "", 1), said(incident.ActDispatch, "i2", "", 2), act(incident.Act{Kind: incident.ActMerge, Incident: "i1", Into: "i2"}, 3),
			message("m", "siti", "damkar-1", "RUMAH pagar merah", 4),
		}, ""},
		"reasons of corrections": {[]journal.Record{sent, corrected(10, 5, "Aminah says so"), corrected(11, 6, caller+" says otherwise"), corrected(12, 7, "sure")}, "says otherwise"},
		"the call's correction": {[]journal.Record{
			act(incident.Act{Kind: incident.ActCorrect, Incident: "i1", Milestone: incident.Received, MilestoneAt: at(-1), Reason: "Aminah rang earlier"}, 2),
			act(incident.Act{Kind: incident.ActCorrect, Incident: "i1", Milestone: incident.Received, MilestoneAt: at(-2), Reason: "AMINAH rang still earlier"}, 3),
		}, "rang still earlier"},
		"the reason of a merger":       {[]journal.Record{aCall("i2", "", 1), act(incident.Act{Kind: incident.ActMerge, Incident: "i1", Into: "i2", Reason: caller + " called twice"}, 2)}, "called twice"},
		"the reason of a merger into":  {[]journal.Record{aCall("i2", "", 1), act(incident.Act{Kind: incident.ActMerge, Incident: "i2", Into: "i1", Reason: "Aminah called twice"}, 2)}, "called twice"},
		"a note on the survivor":       {[]journal.Record{aCall("i2", "", 1), act(incident.Act{Kind: incident.ActMerge, Incident: "i1", Into: "i2"}, 2), act(incident.Act{Kind: incident.ActNote, Incident: "i2", Text: "AMINAH called again"}, 3)}, "called again"},
		"two steps away":               {[]journal.Record{aCall("i2", "", 1), aCall("i3", "", 1.5), act(incident.Act{Kind: incident.ActMerge, Incident: "i1", Into: "i2"}, 2), act(incident.Act{Kind: incident.ActMerge, Incident: "i2", Into: "i3"}, 3), act(incident.Act{Kind: incident.ActNote, Incident: "i3", Text: "Aminah called again"}, 4)}, "called again"},
		"the same caller twice":        {[]journal.Record{aCall("i2", caller, 1), act(incident.Act{Kind: incident.ActMerge, Incident: "i2", Into: "i1"}, 2)}, `"incident":"i2"`},
		"another caller":               {[]journal.Record{aCall("i2", "Pak Dedi", 1), act(incident.Act{Kind: incident.ActMerge, Incident: "i2", Into: "i1"}, 2)}, "Pak Dedi"},
		"another incident's note":      {[]journal.Record{aCall("i2", "", 1), act(incident.Act{Kind: incident.ActNote, Incident: "i2", Text: "Ibu Siti waits"}, 3)}, "Ibu Siti waits"},
		"an acknowledgement":           {[]journal.Record{act(incident.Act{Kind: incident.ActAckAlert, Incident: "i1", Alert: "x", Reason: "Aminah rang"}, 2)}, "rang"},
		"a stranger's acknowledgement": {[]journal.Record{act(incident.Act{Kind: incident.ActAckAlert, Alert: "x", Reason: "AMINAH rang"}, 2)}, "rang"},
		"reasons of all kinds": {[]journal.Record{
			sent, said(incident.ActRelease, "i1", "Aminah 1", 2), said(incident.ActCancel, "i1", "Aminah 2", 3), said(incident.ActReopen, "i1", "Aminah 3", 4), said(incident.ActClose, "i1", "Aminah 4", 5),
			act(incident.Act{Kind: incident.ActRelocate, Incident: "i1", Location: &incident.Location{Lat: scene[1], Lon: scene[0] + 0.01}, Reason: "Aminah 5"}, 6),
		}, "[dihapus / erased] 5"},
		"a CAD's refused message": {[]journal.Record{record(journal.KindUnparsed, "u", at(-60), journal.Unparsed{Link: "cad", At: at(-60), Reason: "incident refused", Raw: []byte(`{"caller":"Bu Aminah","address":"rumah \"\u0041minah\" 08123456`)})}, "incident refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			records := append([]journal.Record{aCall("i1", caller, 0)}, c.records...)
			p := newPlace(t, t, append(records, act(incident.Act{ID: "erase", Kind: incident.ActErase, Incident: "i1", Reason: "asked"}, 100)))
			tr, updates := p.fold(t, t)
			if err := p.updates.Append(t.Context(), updates); err != nil {
				t.Fatal(err)
			}
			state := &known{Tracker: tr}
			e := &erasure.Eraser{Journal: p.journal, Updates: p.updates, State: state, Log: slog.New(slog.DiscardHandler)}
			if err := e.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, secret := range secrets {
				if b := tr.AppendState(nil); bytes.Contains(b, []byte(secret)) {
					i := bytes.Index(b, []byte(secret))
					t.Errorf("the state says %q", b[max(0, i-40):min(len(b), i+40)])
				}
			}
			have, err := p.updates.Read(t.Context(), 0, 1000)
			if err != nil {
				t.Fatal(err)
			}
			again, want := p.fold(t, t)
			if got, want := asJSON(t, have), asJSON(t, want); got != want {
				t.Errorf("the log has\n%s\nand the journal folds to\n%s", got, want)
			}
			if got, want := record1(t, tr), record1(t, again); got != want {
				t.Errorf("the state in memory is\n%s\nand the journal folds to\n%s", got, want)
			}
			if err := erasure.Caller(t.Context(), p.journal, p.updates, "i1", tr.Acts("i1")); err != nil {
				t.Errorf("again: %v", err)
			}
			p.close(t)
			holds(t, p.dir, secrets, c.stays)
		})
	}
}

// holds searches the files of a folder for what must not be in them, and for what must.
func holds(t *testing.T, dir string, secrets []string, stays string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	stayed := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range secrets {
			if i := bytes.Index(b, []byte(secret)); i >= 0 {
				t.Errorf("%s holds %q: …%s…", filepath.Base(f), secret, bytes.ToValidUTF8(b[max(0, i-60):min(len(b), i+40)], nil))
			}
		}
		stayed = stayed || strings.Contains(string(b), stays)
	}
	if !stayed {
		t.Errorf("%q is gone too", stays)
	}
}

// TestErasureBesideJournal: dead letters, in whatever is nested in whatever, and the files
// that a CAD left.
func TestErasureBesideJournal(t *testing.T) {
	t.Parallel()
	const caller = "Bu Aminah 0812-3456-7890"
	p := newPlace(t, t, []journal.Record{aCall("i1", caller, 0), act(incident.Act{ID: "erase", Kind: incident.ActErase, Incident: "i1", Reason: "asked"}, 100)})
	tr, updates := p.fold(t, t)
	if err := p.updates.Append(t.Context(), updates); err != nil {
		t.Fatal(err)
	}
	for i, body := range []string{
		`{"text":"Aminah"}`, `{"text":"\u0041minah","n":1}`, `{"payload":"{\"text\":\"{\\\"t\\\":\\\"\\\\u0041minah rang\\\"}\"}"}`,
		`unit_fix,note=Bu\ Aminah\ 0812-3456-7890 lat=1`, `{"text":"cut off \u0041mina`, "Pak Dedi",
	} {
		if err := p.updates.SetAside(t.Context(), updatelog.DeadLetter{Sink: "webhook", Seq: uint64(i + 1), At: start, Reason: "refused: " + caller, Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	for _, sub := range []string{"done", "refused"} {
		if err := os.MkdirAll(filepath.Join(folder, sub), 0o750); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"1.json": `[{"caller":"Bu Aminah","category":"fire"},{"caller":"Pak Dedi"}]`, "2.json": `{"caller":"Bu \u0041minah","description":"telp +62 812 3456 7890"}`,
			"3.json": `{"caller":"Pak Dedi"}`, "1.json.reason": "incident 1 of 2: Aminah is no category\n",
		} {
			if err := os.WriteFile(filepath.Join(folder, sub, name), []byte(text), 0o640); err != nil {
				t.Fatal(err)
			}
		}
	}
	e := &erasure.Eraser{Journal: p.journal, Updates: p.updates, State: &known{Tracker: tr}, Folder: folder, Log: slog.New(slog.DiscardHandler)}
	if err := e.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	letters, err := p.updates.DeadLetters(t.Context(), 10)
	if err != nil || len(letters) != 6 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	for _, l := range letters {
		t.Log(l.Body)
	}
	p.close(t)
	secrets := []string{"Aminah", `\u0041minah`, "7890"}
	holds(t, p.dir, secrets, "Pak Dedi")
	for _, sub := range []string{"done", "refused"} {
		holds(t, filepath.Join(folder, sub), secrets, `{"caller":"Pak Dedi"}`)
	}
}
