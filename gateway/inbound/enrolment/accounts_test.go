package enrolment_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"htgateway/devices/account"
	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlite"
)

// door is a broker as the accounts see it.
type door struct{ users map[string]account.User }

func (d *door) SetUsers(users map[string]account.User) { d.users = users }

func load(t *testing.T) *enrolment.Roster {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	roster, err := enrolment.Load(t.Context(), j, nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return roster
}

// TestAccountsOfFileAndRoster: an enrolled device is let in at once, and a name of the
// users file is the file's.
func TestAccountsOfFileAndRoster(t *testing.T) {
	t.Parallel()
	roster := load(t)
	accounts := enrolment.NewAccounts(roster, map[string]account.User{"cad": {Name: "cad", Hash: "h1", Role: account.CAD}})
	roster.OnChange(accounts.Changed)
	var d door
	accounts.Give(&d)
	if len(d.users) != 1 || d.users["cad"].Role != account.CAD {
		t.Fatalf("at first %v", d.users)
	}
	siti := incident.Actor{By: "siti"}
	if _, err := roster.MakeUnit(t.Context(), siti, enrolment.NewUnit{CallSign: "PSC 2"}); err != nil {
		t.Fatal(err)
	}
	phone, err := roster.Enrol(t.Context(), siti, "psc-2", enrolment.OwnTracks)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.users) != 2 || d.users[phone.User].Role != account.Device {
		t.Errorf("after an enrolment %v", d.users)
	}
	files, ctx, ended := make(chan map[string]account.User), t.Context(), make(chan error, 1)
	ctx, end := context.WithCancel(ctx)
	go func() { ended <- accounts.Follow(ctx, files, slog.New(slog.DiscardHandler)) }()
	files <- map[string]account.User{phone.User: {Name: phone.User, Hash: "h2", Role: account.Reader}}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(d.users) != 1 || d.users[phone.User].Role != account.Reader {
		t.Errorf("after another file %v", d.users)
	}
}
