package simulation

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// phone is a crew's telephone: OwnTracks for its position, field JSON for keys.
type phone struct {
	client mqtt.Client
	user   string
	seq    int
	// away holds what the phone queued while it had no network.
	away      []publication
	awayUntil time.Time
}

type publication struct {
	topic   string
	payload []byte
}

// dialPhone connects to the broker at addr ("127.0.0.1:1883").
func dialPhone(addr, user, password string) (*phone, error) {
	o := mqtt.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("sim-" + user).
		SetCleanSession(false).SetAutoReconnect(true).SetConnectRetry(true).SetConnectRetryInterval(200 * time.Millisecond)
	if password != "" {
		o.SetUsername(user).SetPassword(password)
	}
	c := mqtt.NewClient(o)
	if t := c.Connect(); !t.WaitTimeout(10*time.Second) || t.Error() != nil {
		return nil, fmt.Errorf("cannot connect phone %q to %s: %w", user, addr, t.Error())
	}
	return &phone{client: c, user: user}, nil
}

func (p *phone) close() { p.client.Disconnect(250) }

// locate publishes an OwnTracks location; offline it is queued with its own time.
func (p *phone) locate(now time.Time, o observation) error {
	body := map[string]any{
		"_type": "location", "lat": round(o.point[1], 7), "lon": round(o.point[0], 7),
		"tst": o.at.Unix(), "acc": 8, "vel": int(math.Round(o.speedMPS * 3.6)), "cog": int(o.courseDeg),
		"batt": 80, "tid": p.user[:2], "t": "t", "conn": "m",
	}
	if now.Before(p.awayUntil) {
		body["conn"], body["created_at"] = "o", o.at.Unix()
	}
	return p.publish(now, "owntracks/"+p.user+"/phone", body)
}

// press publishes a typed status key.
func (p *phone) press(now time.Time, o observation, status string) error {
	p.seq++
	return p.publish(now, "htgateway/devices/"+p.user+"/report", map[string]any{
		"time": o.at.UTC().Format(time.RFC3339Nano), "status": status, "seq": p.seq,
		"lat": round(o.point[1], 7), "lon": round(o.point[0], 7), "accuracy_m": 8,
	})
}

func round(v float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(v*scale) / scale
}

// goAway loses the network until the given time.
func (p *phone) goAway(until time.Time) { p.awayUntil = until }

func (p *phone) publish(now time.Time, topic string, body map[string]any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("cannot encode what phone %q says: %w", p.user, err)
	}
	p.away = append(p.away, publication{topic, payload})
	if now.Before(p.awayUntil) {
		return nil
	}
	for _, m := range p.away {
		// The acknowledgement is paho's business: it resends until it has one.
		p.client.Publish(m.topic, 1, false, m.payload)
	}
	p.away = p.away[:0]
	return nil
}
