package desk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// TestOneKeyOfTwoPeople: a key is its caller's own.
func TestOneKeyOfTwoPeople(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.opened("dispatched")
	for _, by := range []string{"siti", "budi"} {
		if _, err := o.Note(t.Context(), incident.Actor{By: by, Key: "1"}, in.ID, "oleh "+by); err != nil {
			t.Fatal(err)
		}
	}
	if now, _ := o.fold.Incident(in.ID); len(now.Notes) != 2 {
		t.Errorf("%+v", now.Notes)
	}
}

// TestOpeningTwice: two calls under one key are two calls; the same call is one.
func TestOpeningTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, err := o.Open(t.Context(), siti("call"), fire)
	if err != nil {
		t.Fatal(err)
	}
	another := fire
	another.Category, another.Address = "health", "panggilan lain"
	if _, err := o.Open(t.Context(), siti("call"), another); !errors.Is(err, incident.ErrInvalid) {
		t.Errorf("another call under the key: %v", err)
	}
	if again, err := o.Open(t.Context(), siti("call"), fire); err != nil || again.ID != first.ID {
		t.Errorf("the same call: %v %s, not %s", err, again.ID, first.ID)
	}
	area := desk.Request{Category: "disaster", Location: &incident.Location{Area: polygon()}} // Check writes into it
	disaster, err := o.Open(t.Context(), siti("area"), area)
	if err != nil {
		t.Fatal(err)
	}
	area.Location = &incident.Location{Area: polygon()}
	if again, err := o.Open(t.Context(), siti("area"), area); err != nil || again.ID != disaster.ID {
		t.Errorf("the same area: %v %s, not %s", err, again.ID, disaster.ID)
	}
}

// TestKeyWithAnExternalID: a dispatcher's program that knows the call by an id of its own.
func TestKeyWithAnExternalID(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	call := fire
	call.ExternalID = "T-1"
	first, err := o.Open(t.Context(), siti("a"), call)
	if err != nil {
		t.Fatal(err)
	}
	more := call
	more.Description = "dua lantai"
	if _, err := o.Open(t.Context(), siti("a"), more); !errors.Is(err, incident.ErrInvalid) {
		t.Errorf("more under the same key: %v", err)
	}
	for range 2 {
		if in, err := o.Open(t.Context(), siti("b"), more); err != nil || in.ID != first.ID || len(in.Notes) != 1 {
			t.Errorf("more under a new key: %v %+v", err, in.Notes)
		}
	}
	other := call
	other.Description = "tiga lantai"
	if _, err := o.Open(t.Context(), siti("b"), other); !errors.Is(err, incident.ErrInvalid) {
		t.Errorf("something else under the second key: %v", err)
	}
	// A CAD has one key for each connection's first message, and may go back.
	for _, said := range []string{"satu", "dua", "tiga"} {
		more.Description = said
		if _, err := o.Open(t.Context(), incident.Actor{By: incident.ByCADSystem, Key: "mqtt cad/1"}, more); err != nil {
			t.Errorf("the CAD's %q: %v", said, err)
		}
	}
	if in, _ := o.fold.Incident(first.ID); len(in.Notes) != 4 {
		t.Errorf("%+v", in.Notes)
	}
}

// TestMessagesAndAlertsByKey: what is not about an incident.
func TestMessagesAndAlertsByKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, err := o.Send(t.Context(), siti("m"), "damkar-1", desk.Message{Text: "mundur"})
	if err != nil {
		t.Fatal(err)
	}
	o.pass(time.Minute)
	if again, err := o.Send(t.Context(), siti("m"), "damkar-1", desk.Message{Text: "mundur"}); err != nil || again != first {
		t.Errorf("the same message: %v %+v, not %+v", err, again, first)
	}
	if _, err := o.Send(t.Context(), siti("m"), "damkar-1", desk.Message{Text: "maju"}); !errors.Is(err, incident.ErrInvalid) {
		t.Errorf("another message under the key: %v", err)
	}
	if n := len(o.acts()); n != 1 {
		t.Errorf("%d acts", n)
	}
	report := devicesReport("r1", o.time())
	rec, err := journal.NewRecord(journal.KindReport, report.ID, report.ReceivedAt, report)
	if err == nil {
		_, err = o.journal.Append(t.Context(), rec)
	}
	if err == nil {
		err = o.fold.Ready(t.Context())
	}
	if err != nil || len(o.fold.Alerts()) != 1 {
		t.Fatal(err, o.fold.Alerts())
	}
	alert := o.fold.Alerts()[0].ID
	acked, err := o.AckAlert(t.Context(), siti("k"), alert, "dilihat")
	if err != nil || acked.AckedBy != "siti" {
		t.Fatal(err, acked)
	}
	o.pass(time.Minute)
	if again, err := o.AckAlert(t.Context(), siti("k"), alert, "dilihat"); err != nil || !again.AckedAt.Equal(acked.AckedAt) {
		t.Errorf("the same: %v %v", err, again.AckedAt)
	}
	if _, err := o.AckAlert(t.Context(), siti("k"), alert, "lain"); !errors.Is(err, incident.ErrInvalid) {
		t.Errorf("another reason under the key: %v", err)
	}
	if second, err := o.AckAlert(t.Context(), incident.Actor{By: "budi"}, alert, ""); err != nil || second.AckedBy != "siti" {
		t.Errorf("the first to say so stands: %v %+v", err, second)
	}
}

// TestKeysFromBeforeDigests: an act of an older gateway counts as the same.
func TestKeysFromBeforeDigests(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.opened("received")
	old := incident.Act{ID: "a" + journal.Digest("note", in.ID, "siti", "old"), Kind: incident.ActNote, Incident: in.ID, By: "siti", At: o.time(), Text: "dulu"}
	rec, err := journal.NewRecord(journal.KindAct, old.ID, old.At, old)
	if err == nil {
		_, err = o.journal.Append(t.Context(), rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := o.Note(t.Context(), siti("old"), in.ID, "dulu"); err != nil || len(got.Notes) != 1 {
		t.Errorf("%v %+v", err, got.Notes)
	}
}

// leaving is a journal whose caller leaves as it begins to append.
type leaving struct {
	desk.Journal
	leave func()
}

func (l leaving) Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error) {
	l.leave()
	return l.Journal.Append(ctx, records...)
}

// TestWhoLeavesEndsNoAct: what is being stored is stored, and the same request again finds it.
func TestWhoLeavesEndsNoAct(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := o.opened("dispatched")
	before := len(o.acts())
	ctx, leave := context.WithCancel(t.Context())
	busy := desk.New(leaving{o.journal, leave}, o.fold, desk.Options{Plan: sop.DefaultPlan(), Now: o.time, Zone: geo.WIB()})
	if _, err := busy.Close(ctx, siti("k"), in.ID, ""); err != nil && !errors.Is(err, incident.ErrNotStored) {
		t.Errorf("who left is answered %v", err)
	}
	acts := o.acts()
	if len(acts) != before+1 || acts[before].Kind != incident.ActClose {
		t.Fatalf("stored are %+v", acts[before:])
	}
	again, err := o.Close(t.Context(), siti("k"), in.ID, "")
	if err != nil || again.Status != "closed" || !again.ClosedAt.Equal(acts[before].At) || len(o.acts()) != before+1 {
		t.Errorf("the same again: %v, %s at %v", err, again.Status, again.ClosedAt)
	}
}
