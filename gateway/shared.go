package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/status"
)

// shared is what a gateway needs beside others of its area, whose journal is theirs
// too: one of them acts, the others stand by and fold along.
type shared struct {
	// log is nil for a journal of this gateway's own.
	log *jetstream.Journal
	// acting is closed once this gateway is the one that acts.
	acting chan struct{}
	// read is the newest entry when the journal was opened: the roster has it.
	read uint64
}

// errAnew ends a gateway that has to begin anew, at once, and not the process.
var errAnew = errors.New("the gateway begins anew")

// acts tells whether this gateway acts by now.
func (g *Gateway) acts() bool {
	select {
	case <-g.shared.acting:
		return true
	default:
		return false
	}
}

// onceActing runs something when this gateway acts, which may never be.
func (g *Gateway) onceActing(ctx context.Context, run func(context.Context) error) error {
	select {
	case <-g.shared.acting:
		return run(ctx)
	case <-ctx.Done():
		return nil
	}
}

// takeOver waits until this gateway is the one that acts. Lost is closed when another
// took over; it is nil for a journal of its own.
func (g *Gateway) takeOver(ctx context.Context) (lost <-chan struct{}, err error) {
	if g.shared.log == nil {
		close(g.shared.acting)
		return nil, nil
	}
	g.o.Log.Info("standing by", "area", g.c.Journal.Area, "active", g.shared.log.Writer())
	standing, stand := context.WithCancel(ctx)
	defer stand()
	watched := make(chan error, 1)
	go func() { watched <- g.watchRoster(standing, g.shared.read) }()
	led := make(chan error, 1)
	go func() {
		var err error
		lost, err = g.shared.log.Lead(standing)
		led <- err
	}()
	select {
	case err := <-watched:
		stand()
		<-led
		return nil, err
	case err := <-led:
		if err != nil {
			return nil, err
		}
	}
	began := time.Now()
	if err := g.fold.Ready(ctx); err != nil {
		return nil, err
	}
	stand()
	if err := <-watched; errors.Is(err, errAnew) {
		return nil, err
	}
	if err := errors.Join(g.intake.Recall(ctx), g.takePlaces(ctx)); err != nil {
		return nil, err
	}
	close(g.shared.acting)
	g.o.Log.Info("taking over", "area", g.c.Journal.Area, "took", time.Since(began))
	return lost, nil
}

// watchRoster ends when the acting gateway enrolled something: who stands by then
// begins anew under the other roster.
func (g *Gateway) watchRoster(ctx context.Context, after uint64) error {
	err := g.journal.Follow(ctx, after, func(entries []journal.Entry) error {
		for _, e := range entries {
			if e.Kind == journal.KindEnrolment {
				return errAnew
			}
		}
		return nil
	})
	return err
}

// sharePlacesEvery is how often the acting gateway tells how far its sinks are. Who
// takes over tells others again what they were told since.
const sharePlacesEvery = time.Second

// sharePlaces tells the others how far the sinks are that tell other systems.
func (g *Gateway) sharePlaces(ctx context.Context) error {
	if g.shared.log == nil {
		return nil
	}
	tick := time.NewTicker(sharePlacesEvery)
	defer tick.Stop()
	var before string
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		places, err := g.updates.PublishedEntries(ctx)
		if now := fmt.Sprint(places); err == nil && now != before {
			if err = g.shared.log.SharePlaces(ctx, places); err == nil {
				before = now
			}
		}
		if err != nil && ctx.Err() == nil {
			g.o.Log.Warn("others are not told how far the sinks are", "reason", err)
		}
	}
}

// takePlaces begins the sinks where the gateway that acted before had them.
func (g *Gateway) takePlaces(ctx context.Context) error {
	places, err := g.shared.log.Places(ctx)
	if err != nil {
		return err
	}
	for sink, seq := range places {
		if err := g.updates.SetPublished(ctx, sink, incident.Update{JournalSeq: seq}); err != nil {
			return err
		}
	}
	return nil
}

// standby says who acts while this gateway does not, empty when it does.
func (g *Gateway) standby() string {
	if g.shared.log == nil || g.acts() {
		return ""
	}
	if who := g.shared.log.Writer(); who != "" {
		return "standing by; the area's active gateway is " + who
	}
	return "standing by; the area has no active gateway yet"
}

// addShared shows the journal among the links.
func (g *Gateway) addShared() {
	if g.shared.log == nil {
		return
	}
	g.tellers = append(g.tellers, teller{view: func() []status.Status {
		v := status.Status{ID: "journal", Kind: "journal", Protocol: "nats", State: "up", Since: g.since, Reports: g.shared.log.Stats().Entries}
		switch err := g.shared.log.Trouble(); {
		case err != nil:
			v.State, v.Why = "down", err.Error()
		case !g.acts():
			v.Why = "siaga / " + g.standby()
		}
		return []status.Status{v}
	}})
}
