package gateway

import (
	"context"
	"fmt"
	"strings"
	"time"

	"htgateway/devices/account/mqttuser"
	"htgateway/gateway/config"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/status"
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
func edgeUsers(users map[string]mqttuser.User) map[string]string {
	hashes := map[string]string{}
	for name, u := range users {
		if u.Role == mqttuser.Edge {
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
	g.edges = link.NewEdges(g.intake, edgeUsers(g.c.MQTT.Embedded.Users), g.o.Now, g.o.Log)
	for _, site := range g.c.Sites() {
		g.links = append(g.links, &liveLink{
			id: site, kind: "edge", protocol: "http",
			state: func() (string, time.Time, string) {
				s := g.edges.State(site)
				name := "down"
				if s.Up {
					name = "up"
				}
				return name, s.Since, edge.Waits(s.Waiting, s.WaitingSince, s.ClockS, s.ErrorS)
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
