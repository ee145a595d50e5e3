package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	"htgateway/devices/account"
	"htgateway/gateway/config"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/status"
	"htgateway/geo"
)

// atEdge tells whether this is the gateway of an edge site.
func (g *Gateway) atEdge() bool { return g.c.Role == config.RoleEdge }

// elsewhere is where acts are made, empty where they are made here.
func (g *Gateway) elsewhere() string {
	if !g.atEdge() {
		return ""
	}
	return strings.Join(g.c.Edge.Centres, ", ")
}

// edgeUsers are the hashes of the edge sites.
func edgeUsers(users map[string]account.User) map[string]string {
	hashes := map[string]string{}
	for name, u := range users {
		if u.Role == account.Edge {
			hashes[name] = u.Hash
		}
	}
	return hashes
}

// addEdges makes the taker of what edge sites deliver, each a link of its own.
func (g *Gateway) addEdges() {
	if g.atEdge() {
		return
	}
	g.edges = link.NewEdges(g.intake, edgeUsers(g.c.MQTT.Embedded.Users), g.verifier, g.o.Now, g.o.Log)
	for _, site := range g.c.Sites() {
		g.links = append(g.links, &liveLink{
			id: site, kind: "edge", protocol: "http",
			state: func() (string, time.Time, string) {
				s := g.edges.State(site)
				name := "down"
				if s.Up {
					name = "up"
				}
				return name, s.Since, waits(s.Waiting, s.WaitingSince, s.ClockS, s.ErrorS)
			},
			more: func(v *status.Status) {
				s := g.edges.State(site)
				v.Waiting, v.ClockS = s.Waiting, s.ClockS
				if !s.WaitingSince.IsZero() {
					v.WaitingSince = &s.WaitingSince
				}
			},
		})
	}
}

// clockDiffers is from when the clock of an edge site is pointed out, in seconds.
const clockDiffers = 2

// waits says what is still to come from a site, and when its clock is wrong.
func waits(n uint64, since time.Time, clock, doubt geo.Reading) string {
	var words []string
	if n > 0 {
		words = append(words, fmt.Sprintf("%d entri menunggu sejak %s / entries wait since then", n, since.In(wib).Format("2006-01-02 15:04")))
	}
	if ahead, known := clock.Value(); known && (ahead > clockDiffers || ahead < -clockDiffers) {
		words = append(words, fmt.Sprintf("jam situs berbeda / the site's clock differs: %+.1f s (±%.1f)", ahead, doubt.Or(0)))
	}
	return strings.Join(words, "; ")
}

// addCentre makes the way to the centre.
func (g *Gateway) addCentre() error {
	if !g.atEdge() {
		return nil
	}
	e := g.c.Edge
	security, err := e.TLS()
	if err != nil {
		return err
	}
	g.centre = edge.New(g.journal, edge.Settings{
		Site: e.Site, Password: string(e.Password), Centres: e.Centres, TLS: security,
		PerSecond: e.BacklogPerSecond, Now: g.o.Now, Log: g.o.Log,
	})
	g.tellers = append(g.tellers, teller{view: func() []status.Status {
		s := g.centre.State()
		v := status.Status{ID: "centre", Kind: "centre", Protocol: "http", State: "up", Since: s.Since, Reports: s.Sent, Waiting: s.Waiting, ClockS: s.ClockS, Why: s.Why}
		if !s.Up {
			v.State = "down"
		}
		if !s.WaitingSince.IsZero() {
			v.WaitingSince = &s.WaitingSince
		}
		if w := waits(s.Waiting, s.WaitingSince, s.ClockS, s.ErrorS); w != "" {
			v.Why = strings.TrimPrefix(v.Why+"; "+w, "; ")
		}
		return []status.Status{v}
	}})
	return nil
}

// opener makes incidents of what CADs send; an edge site has none.
func (g *Gateway) opener() link.Opener {
	if g.atEdge() {
		return closedDesk{}
	}
	return g.desk
}

// closedDesk opens nothing.
type closedDesk struct{}

// Open refuses.
func (closedDesk) Open(context.Context, incident.Actor, desk.Request) (incident.Incident, error) {
	return incident.Incident{}, fmt.Errorf("%w: this is an edge site; incidents are opened at the centre", incident.ErrInvalid)
}
