package gateway

import (
	"context"
	"slices"
	"time"

	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/status"
)

// publisher carries updates to the broker of one link.
type publisher struct {
	link string
	told *mqtt.Publisher
}

func (g *Gateway) newPublisher(sink string, send func(ctx context.Context, topic string, payload []byte, retain bool) error) *mqtt.Publisher {
	return mqtt.New(sink, send, g.updates.Paced(sinkPace), g.fold, g.o.Now, g.o.Log)
}

// addPublishing tells the brokers, the embedded one and others'.
func (g *Gateway) addPublishing() {
	since := g.o.Now().UTC()
	for _, p := range g.publishers {
		g.tellers = append(g.tellers, teller{run: p.told.Run, view: func() []status.Status {
			s := p.told.State()
			v := status.Status{ID: "publish:" + p.link, Kind: "publish", Protocol: "mqtt", State: "up", Since: since, Reports: s.Sent}
			session, lost, why := g.session(p.link)
			switch {
			case !s.FailingSince.IsZero():
				v.State, v.Since, v.Why = "down", s.FailingSince, s.Why
			case session != "up": // what was on its way then waits in the session
				v.State, v.Since, v.Why = "down", lost, why
			}
			return []status.Status{v}
		}})
	}
}

// session is how the session with a link's broker stands.
func (g *Gateway) session(id string) (name string, since time.Time, why string) {
	i := slices.IndexFunc(g.links, func(l *liveLink) bool { return l.id == id })
	return g.links[i].state()
}
