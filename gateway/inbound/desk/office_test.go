package desk_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
	"htgateway/gateway/state/updatelog"
	"htgateway/geo"
)

// began is when the tests' day begins: 10:00 in Majalengka.
var began = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// office is a desk over a real journal and fold, with a clock that can be set.
type office struct {
	*testing.T
	*desk.Desk
	journal *sqlite.Journal
	fold    *fold.Fold
	dir     string
	close   func()

	mu  sync.Mutex
	now time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, dir: t.TempDir(), now: began}
	o.start()
	return o
}

// start opens the files; restart closes them before.
func (o *office) start() {
	o.Helper()
	ctx, end := context.WithCancel(o.Context())
	quiet := slog.New(slog.DiscardHandler)
	var err error
	if o.journal, err = sqlite.Open(ctx, filepath.Join(o.dir, "journal.db"), sqlite.Options{Now: o.time, Log: quiet}); err != nil {
		o.Fatal(err)
	}
	updates, err := updatelog.Open(ctx, filepath.Join(o.dir, "state.db"))
	if err != nil {
		o.Fatal(err)
	}
	s := incident.Settings{Plan: sop.DefaultPlan(), Arrival: geo.DefaultArrivalRule(), Roster: []incident.Unit{
		{ID: "damkar-1", CallSign: "DAMKAR 1", Devices: []devices.Identity{"field:damkar-1"}}, {ID: "damkar-2", CallSign: "DAMKAR 2"},
	}}
	if err := fold.Prepare(ctx, updates, s); err != nil {
		o.Fatal(err)
	}
	o.fold = fold.New(o.journal, updates, s, quiet)
	o.fold.CheckpointIn(filepath.Join(o.dir, "tracker.state"))
	ended := make(chan error, 1)
	go func() { ended <- o.fold.Run(ctx) }()
	o.close = sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			o.Error(err)
		}
		_, _ = updates.Close(), o.journal.Close()
	})
	o.Cleanup(o.close)
	o.Desk = desk.New(o.journal, o.fold, desk.Options{Plan: s.Plan, Now: o.time, Zone: geo.WIB(), Forget: func(context.Context) error { return nil }})
	o.SendOver(router{})
}

func (o *office) restart() {
	o.Helper()
	o.close()
	o.start()
}

type router struct{}

func (router) Route(unit string, _ bool) (devices.Identity, string, error) {
	return devices.Identity("field:" + unit), "mqtt", nil
}

func (o *office) time() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// pass moves the clock, back when d is negative.
func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

var fire = desk.Request{Category: "fire", Location: &incident.Location{Lat: -6.8364, Lon: 108.2274}}

// siti is a dispatcher with a key, which may be empty.
func siti(key string) incident.Actor { return incident.Actor{By: "siti", Key: key} }

// opened makes an incident that is in the state.
func (o *office) opened(state string) incident.Incident {
	o.Helper()
	ctx := o.Context()
	in, err := o.Open(ctx, siti(""), fire)
	step := func(act func() (incident.Incident, error)) {
		o.pass(time.Minute)
		if err == nil {
			in, err = act()
		}
	}
	if state != "received" {
		step(func() (incident.Incident, error) { return o.Dispatch(ctx, siti(""), in.ID, []string{"damkar-1"}) })
	}
	switch state {
	case "closed":
		step(func() (incident.Incident, error) { return o.Close(ctx, siti(""), in.ID, "padam") })
	case "cancelled":
		step(func() (incident.Incident, error) { return o.Cancel(ctx, siti(""), in.ID, "palsu") })
	case "merged":
		other := o.opened("received")
		step(func() (incident.Incident, error) { return o.Merge(ctx, siti(""), in.ID, other.ID, "sama") })
	}
	if err != nil {
		o.Fatal(err)
	}
	if in.Status != state {
		o.Fatalf("made %s, not %s", in.Status, state)
	}
	o.pass(time.Minute)
	return in
}

// acts are the acts of the journal, in its order.
func (o *office) acts() (out []incident.Act) {
	o.Helper()
	entries, err := o.journal.Read(o.Context(), 0, 100_000)
	if err != nil {
		o.Fatal(err)
	}
	for _, e := range entries {
		if e.Kind != journal.KindAct {
			continue
		}
		var a incident.Act
		if err := json.Unmarshal(e.Body, &a); err != nil {
			o.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}
