package mqttbroker

import (
	"context"
	"errors"
	"fmt"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"htgateway/devices"
	"htgateway/devices/account"
)

// hook is where the broker engine asks who may connect, publish and read, and where
// publications leave it for the journal before they are acknowledged.
type hook struct {
	mqtt.HookBase
	b *Broker
}

// ID names the hook in the engine's log.
func (h *hook) ID() string { return "htgateway" }

// Provides tells the engine which calls the hook wants.
func (h *hook) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnSubscribe, mqtt.OnSubscribed, mqtt.OnPublish,
		mqtt.OnSessionEstablished, mqtt.OnDisconnect, mqtt.OnWill, mqtt.OnWillSent:
		return true
	}
	return false
}

// OnConnectAuthenticate admits known users with their password, each into a room of
// its own: the session's id gets the user's name in front, so that no user can throw
// out another's session or inherit its queue by taking its client id.
func (h *hook) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	user := string(pk.Connect.Username)
	if h.b.o.AllowAnonymous && user == "" {
		cl.ID = "/" + cl.ID
		return true
	}
	a, why := h.admit(cl, pk, user)
	if why == "" {
		return true
	}
	h.b.denied.Add(1)
	now := h.b.o.Now()
	if a != nil {
		a.note(now, "connection refused: "+why, refused)
	}
	h.b.refusals.count(func(n int64) {
		h.b.log.Warn("MQTT client refused", "client", cl.ID, "user", user, "from", cl.Net.Remote, "why", why, "since_last_told", n)
	})
	return false
}

// admit registers a session under its account, or says why not.
func (h *hook) admit(cl *mqtt.Client, pk packets.Packet, user string) (*userState, string) {
	if err := account.CheckName(user); err != nil {
		return nil, "user name not allowed"
	}
	a := h.b.accounts.get(user)
	var u account.User
	if a != nil {
		a.mu.Lock()
		u = a.user
		a.mu.Unlock()
	}
	now := h.b.o.Now()
	claim := account.Claim{Realm: account.Field, Name: user, Hash: u.Hash, Secret: pk.Connect.Password, From: cl.Net.Remote}
	switch err := h.b.verifier.Verify(context.Background(), claim); {
	case errors.Is(err, account.ErrTooMany):
		return a, "too many wrong passwords from this address"
	case err != nil:
		return a, "unknown user or wrong password"
	}
	if pk.Connect.WillFlag && (u.Role == account.CAD || !u.MayPublish(pk.Connect.WillTopic)) {
		return a, fmt.Sprintf("its last will is for topic %q, which is not its own", pk.Connect.WillTopic)
	}
	cl.ID = user + "/" + cl.ID
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, other := range a.sessions {
		if other.Closed() {
			delete(a.sessions, id)
		}
	}
	if _, again := a.sessions[cl.ID]; !again && len(a.sessions) >= h.b.o.Limits.DeviceConnections {
		return a, fmt.Sprintf("it has %d connections already", len(a.sessions))
	}
	a.sessions[cl.ID] = cl
	a.view.Since, a.view.Offline = now, false
	return a, ""
}

// OnACLCheck says what a client may read. What it may publish is asked in OnPublish:
// a refusal here would end a 3.1.1 client's connection, and the same message would
// come again at every reconnect.
func (h *hook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	if write || cl.Net.Inline {
		return true
	}
	a, open := h.accountOf(cl)
	return open || a != nil && a.current().MaySubscribe(topic)
}

// accountOf returns the client's account; open is set for one without a name, who
// may do anything.
func (h *hook) accountOf(cl *mqtt.Client) (a *userState, open bool) {
	user := string(cl.Properties.Username)
	if user == "" {
		return nil, h.b.o.AllowAnonymous
	}
	return h.b.accounts.get(user), false
}

// current is the user as it stands now.
func (a *userState) current() account.User {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.user
}

// OnSubscribe has what is retained for the filters published, before the client counts as
// one who reads: it is given that once.
func (h *hook) OnSubscribe(cl *mqtt.Client, pk packets.Packet) packets.Packet {
	for _, f := range pk.Filters {
		if h.b.o.Asked != nil && h.OnACLCheck(cl, f.Filter, false) {
			h.b.o.Asked(f.Filter)
		}
	}
	return pk
}

// OnSubscribed counts filters that were not granted. Of the others it has published what
// was not since OnSubscribe: now the client counts.
func (h *hook) OnSubscribed(cl *mqtt.Client, pk packets.Packet, codes []byte) {
	for i, code := range codes {
		if i >= len(pk.Filters) {
			break
		}
		if code < packets.ErrUnspecifiedError.Code {
			if h.b.o.Asked != nil {
				h.b.o.Asked(pk.Filters[i].Filter)
			}
			continue
		}
		h.b.denied.Add(1)
		if a, _ := h.accountOf(cl); a != nil {
			a.note(h.b.o.Now(), fmt.Sprintf("subscription refused: %q is not its own", pk.Filters[i].Filter), refused)
		}
	}
}

// OnSessionEstablished opens the way from the client to the journal.
func (h *hook) OnSessionEstablished(cl *mqtt.Client, _ packets.Packet) {
	a, _ := h.accountOf(cl)
	s := newSession(h.b, cl, a)
	h.b.sessions.Store(cl, s)
	h.b.running.Go(s.run)
}

// OnDisconnect closes it. Nothing is published by this client after it.
func (h *hook) OnDisconnect(cl *mqtt.Client, err error, _ bool) {
	s, ok := h.b.sessions.LoadAndDelete(cl)
	if !ok {
		return
	}
	close(s.(*session).queue)
	a := s.(*session).account
	if a == nil {
		return
	}
	now := h.b.o.Now()
	a.mu.Lock()
	if a.sessions[cl.ID] == cl {
		delete(a.sessions, cl.ID)
		a.view.Since = now
	}
	a.mu.Unlock()
	if errors.Is(err, packets.ErrPacketTooLarge) {
		h.b.denied.Add(1)
		a.note(now, fmt.Sprintf("connection ended: a packet over %d bytes", maxPacket), refused)
	}
}

// OnPublish gives a publication to the client's session, which acknowledges it once
// the journal has it. The engine itself acknowledges only QoS 2, whose second half
// it keeps, and for that it waits here.
func (h *hook) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	v, ok := h.b.sessions.Load(cl)
	if !ok {
		return pk, packets.ErrRejectPacket
	}
	s := v.(*session)
	// Only the gateway keeps messages for later subscribers: a device's old word must
	// never come back as a fresh one.
	pk.FixedHeader.Retain = false
	now := h.b.o.Now()
	it := item{qos: pk.FixedHeader.Qos, message: devices.Message{
		Topic: pk.TopicName, Payload: pk.Payload, Redelivered: pk.FixedHeader.Dup,
		Client: cl.ID, PacketID: pk.PacketID, ReceivedAt: now, Account: string(cl.Properties.Username),
	}}
	switch {
	case s.account != nil && !s.account.current().MayPublish(pk.TopicName):
		it.foreign = true
		it.message.Refused = fmt.Sprintf("topic %q is not the sender's own (user %q)", pk.TopicName, it.message.Account)
	case len(pk.Payload) > MaxPayload:
		it.message.Refused = fmt.Sprintf("payload of %d bytes, over %d", len(pk.Payload), MaxPayload)
	case !h.b.o.Inbound(pk.TopicName):
		return pk, nil
	}
	if it.message.Refused != "" && s.account != nil {
		h.b.denied.Add(1)
		s.account.note(now, it.message.Refused, refused)
	}
	if it.qos == 0 && s.account != nil {
		if ok, _ := s.account.admit(now); !ok {
			it.message.Excess = true
			s.account.note(now, s.tooFast, excess)
		}
	}
	if it.qos < 2 {
		s.queue <- it
		return pk, packets.ErrRejectPacket
	}
	it.done = make(chan error, 1)
	s.queue <- it
	if <-it.done != nil {
		return pk, packets.ErrRejectPacket
	}
	return pk, packets.CodeSuccessIgnore // the session has passed it on
}

// OnWill keeps a last will from staying behind as a retained message.
func (h *hook) OnWill(_ *mqtt.Client, will mqtt.Will) (mqtt.Will, error) {
	will.Retain = false
	return will, nil
}

// OnWillSent journals a last will: the device is gone without a farewell. A client
// that came back on a new connection before the old one was given up is not gone,
// and none is when it is the gateway that ends.
func (h *hook) OnWillSent(cl *mqtt.Client, pk packets.Packet) {
	a, open := h.accountOf(cl)
	if h.b.closing.Load() || a == nil && !open {
		return
	}
	now := h.b.o.Now()
	if a != nil {
		a.mu.Lock()
		current := a.sessions[cl.ID]
		superseded := current != nil && current != cl && !current.Closed()
		a.view.Offline = !superseded
		a.mu.Unlock()
		if superseded {
			return
		}
	}
	h.b.wills.Add(1)
	if !h.b.o.Inbound(pk.TopicName) {
		return
	}
	m := devices.Message{
		Topic: pk.TopicName, Payload: pk.Payload, Client: cl.ID, ReceivedAt: now, Account: string(cl.Properties.Username), Will: true,
	}
	if s, ok := h.b.sessions.Load(cl); ok && pk.Connect.WillProperties.WillDelayInterval == 0 {
		s.(*session).queue <- item{message: m, will: true}
		return
	}
	// A delayed will (MQTT 5, 3.1.3.2.2) is sent long after its session ended, from the
	// engine's own clockwork, which must not wait for the disk.
	h.b.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), willWithin)
		defer cancel()
		if err := h.b.intake.Take(ctx, m); err != nil {
			h.b.log.Error("last will not journaled", "client", cl.ID, "reason", err)
		}
	})
}

// willWithin bounds the wait of a delayed will for the disk.
const willWithin = 10 * time.Second
