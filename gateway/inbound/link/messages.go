package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/gateway/inbound/desk"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
)

// incidentsIn is where CADs publish.
const incidentsIn = "htgateway/incidents/in"

// Inbound tells whether a topic is one on which devices and CADs publish to the gateway.
func Inbound(topic string) bool {
	return topic == incidentsIn || protocol.FromDevices(topic)
}

// IncidentCreator makes incidents.
type IncidentCreator interface {
	Open(ctx context.Context, c incident.Actor, r desk.Request) (incident.Incident, error)
}

// AtCentre makes no incidents: it is what an edge site has in the place of a desk.
type AtCentre struct{}

// Open refuses.
func (AtCentre) Open(context.Context, incident.Actor, desk.Request) (incident.Incident, error) {
	return incident.Incident{}, fmt.Errorf("%w: this is an edge site; incidents are opened at the centre", incident.ErrInvalid)
}

// Messages takes what an MQTT link delivers.
type Messages struct {
	id     string
	read   Readers
	intake Intake
	desk   IncidentCreator
}

// NewMessages returns the taker of one MQTT link's messages.
func NewMessages(id string, r Readers, in Intake, d IncidentCreator) *Messages {
	return &Messages{id: id, read: r, intake: in, desk: d}
}

var errTopic = errors.New("nothing is known about this topic")

// decode reads a message.
func (m *Messages) decode(msg devices.Message) devices.Frame {
	f := devices.Frame{Raw: msg.Payload}
	if d := m.read.of(msg.Topic); d != nil {
		f.Report, f.Err = d.Decode(msg.Topic, msg.Payload, msg.ReceivedAt)
	} else {
		f.Err = fmt.Errorf("%w: %q", errTopic, msg.Topic)
	}
	return f
}

// outbound tells whether a topic leads to devices or tells others what changed. What
// the gateway itself sends there comes back over a subscription, and says nothing new.
func outbound(topic string) bool {
	return announcement(topic) || meshtastic.IsDownlink(topic) || strings.HasPrefix(topic, "owntracks/") && strings.HasSuffix(topic, "/cmd")
}

// announcement tells whether a topic is one on which gateways say what changed.
func announcement(topic string) bool {
	return topic == "htgateway/gateway/state" ||
		strings.HasPrefix(topic, "htgateway/incidents/") && strings.HasSuffix(topic, "/updates") ||
		strings.HasPrefix(topic, "htgateway/units/") && strings.HasSuffix(topic, "/state")
}

// errUndated is the reason for setting aside a retained position that does not say
// when it was taken: it may be a year old.
var errUndated = errors.New("a retained message with a position and no time of its own")

func (m *Messages) heard(f devices.Frame, msg devices.Message) intake.Heard {
	f = judge(f, msg)
	if msg.Retained && f.Err == nil && f.Report.Fix != nil && f.Report.DeviceTime.IsZero() {
		f.Err = errUndated
	}
	f.Report.ReceivedAt, f.Report.Retained = msg.ReceivedAt, msg.Retained
	f.Report.Delivery = fmt.Sprintf("mqtt:%s/%d", msg.Client, msg.PacketID)
	return intake.Heard{Frame: f, Link: m.id, Account: msg.Account, Redelivered: msg.Redelivered}
}

// open makes an incident of a CAD's message. A request that is wrong is set
// aside; one that could not be journaled is left for the CAD to send again.
func (m *Messages) open(ctx context.Context, msg devices.Message) error {
	r, err := readRequest(msg.Payload)
	if err == nil {
		key := fmt.Sprintf("mqtt %s/%d %s", msg.Client, msg.PacketID, msg.Payload)
		_, err = m.desk.Open(ctx, incident.Actor{By: "cad", Key: key}, r)
		if err == nil {
			return nil
		}
		if !hopeless(err) {
			return err
		}
	}
	return m.intake.Take(ctx, m.heard(devices.Frame{Raw: msg.Payload, Err: fmt.Errorf("incident refused: %w", err)}, msg))
}

// readRequest reads an incident as a CAD writes it.
func readRequest(body []byte) (desk.Request, error) {
	var r desk.Request
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	return r, err
}

// hopeless tells whether a request fails for good, however often it is tried.
func hopeless(err error) bool {
	return errors.Is(err, incident.ErrInvalid) || errors.Is(err, incident.ErrConflict) || errors.Is(err, incident.ErrNotFound)
}
