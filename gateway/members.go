package gateway

import (
	"maps"
	"net"
	"sync"

	"htgateway/devices/account"
)

// members are who may use the embedded broker and post: the users file's, and the
// devices that were enrolled.
type members struct {
	mu       sync.Mutex
	fromFile map[string]account.User
}

// all are both together. A name in the file is the file's.
func (m *members) all(enrolled map[string]string) map[string]account.User {
	users := make(map[string]account.User, len(m.fromFile)+len(enrolled))
	for name, hash := range enrolled {
		users[name] = account.User{Name: name, Hash: hash, Role: account.Device}
	}
	maps.Copy(users, m.fromFile)
	return users
}

// letIn has the broker and the posts take the users as they stand now, those of the
// file anew when they are given. Sessions of users who stay are not ended.
func (g *Gateway) letIn(fromFile map[string]account.User) {
	g.members.mu.Lock()
	defer g.members.mu.Unlock()
	if fromFile != nil {
		g.members.fromFile = fromFile
	}
	users := g.members.all(g.roster.Users())
	if g.broker != nil {
		g.broker.SetUsers(users)
	}
	g.phones.SetUsers(phoneUsers(users))
	if g.edges != nil {
		g.edges.SetUsers(edgeUsers(users))
	}
}

// brokerDoor is the port of the embedded broker that phones are sent to, the one
// with TLS where there is one; empty without a broker. local tells that it listens
// on loopback only.
func (g *Gateway) brokerDoor() (port string, secure, local bool) {
	if g.broker == nil {
		return "", false, false
	}
	addr := g.broker.TLSAddr()
	if secure = addr != ""; !secure {
		addr = g.broker.Addr()
	}
	host, port, _ := net.SplitHostPort(addr) // of a listener
	ip := net.ParseIP(host)
	return port, secure, ip != nil && ip.IsLoopback()
}
