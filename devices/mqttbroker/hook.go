package mqttbroker

import (
	"context"
	"fmt"
	"strings"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"htgateway/devices"
	"htgateway/devices/password"
)

// hook is where the broker asks who may connect and publish, and where
// publications are journaled before they are acknowledged.
type hook struct {
	mqtt.HookBase
	broker  *Broker
	options Options
	intake  Intake
}

// ID names the hook in the broker's log.
func (h *hook) ID() string { return "htgateway" }

// Provides tells the broker which calls the hook wants.
func (h *hook) Provides(b byte) bool {
	switch b {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish, mqtt.OnSessionEstablished, mqtt.OnDisconnect:
		return true
	}
	return false
}

// OnConnectAuthenticate admits known users with their password. A user name with
// a wildcard or a slash would match other devices' topics.
func (h *hook) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	user := string(pk.Connect.Username)
	if h.options.AllowAnonymous && user == "" {
		return true
	}
	hash, known := h.options.Users[user]
	if strings.ContainsAny(user, "+#/") || !password.Verify(hash, pk.Connect.Password) || !known {
		h.broker.denied.Add(1)
		h.options.Log.Warn("MQTT client refused", "client", cl.ID, "user", user, "from", cl.Net.Remote)
		return false
	}
	return true
}

// OnACLCheck lets a device publish only as itself and read only what is for it.
func (h *hook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	user := string(cl.Properties.Username)
	if h.options.AllowAnonymous && user == "" || allowed(user, topic, write) {
		return true
	}
	h.broker.denied.Add(1)
	h.options.Log.Warn("MQTT topic refused", "client", cl.ID, "user", user, "topic", topic, "write", write)
	return false
}

func allowed(user, topic string, write bool) bool {
	own := strings.HasPrefix(topic, "owntracks/"+user+"/") ||
		strings.HasPrefix(topic, "htgateway/devices/"+user+"/")
	if write {
		return own || strings.HasPrefix(topic, "msh/") && strings.HasPrefix(user, "msh-") ||
			topic == "htgateway/incidents/in" && strings.HasPrefix(user, "cad")
	}
	// What the gateway tells is for every device that it knows.
	return own || strings.HasPrefix(topic, "htgateway/incidents/") && topic != "htgateway/incidents/in" ||
		strings.HasPrefix(topic, "htgateway/units/") || topic == "htgateway/gateway/state"
}

// OnPublish journals a publication before it is acknowledged. When it cannot be
// journaled the acknowledgement is withheld and the connection closed: a 3.1.1
// client resends only after it reconnects.
func (h *hook) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	// Only the gateway keeps messages for later subscribers.
	pk.FixedHeader.Retain = false
	if !h.options.Inbound(pk.TopicName) {
		return pk, nil
	}
	err := h.intake.Take(context.Background(), devices.Message{
		Topic: pk.TopicName, Payload: pk.Payload, Redelivered: pk.FixedHeader.Dup,
		Client: cl.ID, PacketID: pk.PacketID, ReceivedAt: h.options.Now(),
	})
	if err != nil {
		h.broker.withheld.Add(1)
		h.options.Log.Error("MQTT message not acknowledged", "client", cl.ID, "topic", pk.TopicName, "reason", err)
		cl.Stop(fmt.Errorf("message not taken: %w", err))
		return pk, packets.ErrRejectPacket
	}
	h.broker.accepted.Add(1)
	return pk, nil
}

// OnSessionEstablished counts a client in.
func (h *hook) OnSessionEstablished(*mqtt.Client, packets.Packet) { h.broker.connected.Add(1) }

// OnDisconnect counts a client out.
func (h *hook) OnDisconnect(*mqtt.Client, error, bool) { h.broker.connected.Add(-1) }
