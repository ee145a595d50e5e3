package gateway

import (
	"net/http"
	"time"

	"htgateway/devices/account"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/outbound/downlink"
)

// phonesLink is the id of the posts of phones in HTTP mode.
const phonesLink = "http"

// addPhones makes the taker of posts, for the same users as the broker's. It is
// there before the first of them, who may be enrolled at any time.
func (g *Gateway) addPhones() {
	users := phoneUsers(g.members.all(g.roster.Users()))
	mailbox := link.NewMailbox(g.o.Now)
	g.phones = link.NewPhones(phonesLink, g.readers().OwnTracks, g.intake, mailbox, users, g.verifier, g.o.Now, g.o.Log)
	g.addPublisher(phonesLink, downlink.Posts(), mailbox.Publish)
	since := g.o.Now().UTC()
	g.links = append(g.links, &liveLink{
		id: phonesLink, kind: "http", protocol: "owntracks",
		state: func() (string, time.Time, string) { return "up", since, "" },
	})
}

// phoneUsers are the hashes of those users who may post: devices, and no CAD, reader
// or mesh gateway.
func phoneUsers(users map[string]account.User) map[string]string {
	hashes := make(map[string]string, len(users))
	for name, u := range users {
		if u.Role == account.Device {
			hashes[name] = u.Hash
		}
	}
	return hashes
}

// addPublisher lets the gateway send over a link that carries messages on topics.
func (g *Gateway) addPublisher(id string, d downlink.Dialect, p downlink.Publisher) {
	g.radios = append(g.radios, downlink.Radio{Link: id, Dialect: d, Writer: p})
}

// posts is the handler of POST /pub.
func (g *Gateway) posts() http.Handler { return g.phones }
