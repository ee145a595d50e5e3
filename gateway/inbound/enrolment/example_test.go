package enrolment_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/inbound/enrolment"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal/sqlite"
)

// A unit that a dispatcher makes and binds in mid-shift is there after a restart too, for
// both are acts in the journal; the units file need not be edited.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "enrolment")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	ctx, siti := context.Background(), incident.Actor{By: "siti"}
	j, err := sqlite.Open(ctx, filepath.Join(dir, "journal.db"), sqlite.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	file := []incident.Unit{{ID: "damkar-1", CallSign: "DAMKAR 1", Agency: "Damkar"}}
	roster, err := enrolment.Load(ctx, j, file, time.Now)
	if err != nil {
		fmt.Println(err)
		return
	}
	unit, err := roster.MakeUnit(ctx, siti, enrolment.NewUnit{CallSign: "PSC 2", Agency: "PSC 119"})
	err = errors.Join(err, roster.Bind(ctx, siti, unit.ID, "fleetsync:102-1007"))
	phone, err2 := roster.Enrol(ctx, siti, unit.ID, enrolment.Keypad)
	fmt.Println(unit.ID, errors.Join(err, err2))

	again, err := enrolment.Load(ctx, j, file, time.Now)
	for _, u := range again.Units() {
		fmt.Println(u.CallSign, len(u.Devices))
	}
	holder, known := again.Holder(phone.Token)
	fmt.Println(holder == phone.Device, known, err)
	// Output:
	// psc-2 <nil>
	// DAMKAR 1 0
	// PSC 2 2
	// true true <nil>
}
