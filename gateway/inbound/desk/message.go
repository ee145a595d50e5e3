package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// Router says which device a message for a unit goes to and over which link.
type Router interface {
	Route(unit string, poll bool) (devices.Identity, string, error)
}

// SendOver lets messages go out. It is called before the first request.
func (d *Desk) SendOver(r Router) { d.router = r }

// Message is a text for a unit's radio, or a request for its position.
type Message struct {
	Text string `json:"text"`
	Poll bool   `json:"poll"`
	// ExpiresS is after how many seconds the attempts end, ten minutes when 0, an
	// hour at most.
	ExpiresS int `json:"expires_s"`
}

// Queued is a message as it was taken: updates of kind "delivery" say what
// becomes of it.
type Queued struct {
	ID        string           `json:"id"`
	Unit      string           `json:"unit"`
	Device    devices.Identity `json:"device"`
	Link      string           `json:"link"`
	State     string           `json:"state"`
	ExpiresAt time.Time        `json:"expires_at"`
}

// How long a message is tried.
const (
	messageLives    = 10 * time.Minute
	messageLivesMax = time.Hour
)

// Send queues a message for a unit. Asked again with the same key, it says which message
// that was; its device and link are then those that a message would go over now.
func (d *Desk) Send(ctx context.Context, c incident.Actor, unit string, m Message) (Queued, error) {
	free, err := d.locks.take(ctx, unitLock+unit)
	if err != nil {
		return Queued{}, err
	}
	defer free()
	if _, known := d.state.UnitByID(unit); !known {
		return Queued{}, fmt.Errorf("unit %q %w", unit, incident.ErrNotFound)
	}
	r := asked(c, incident.ActMessage, unit, m)
	was, found, err := d.earlier(ctx, r)
	switch {
	case err != nil:
		return Queued{}, err
	case found:
		q := Queued{ID: was.ID, Unit: unit, State: "queued", ExpiresAt: was.Expires}
		if d.router != nil {
			if device, link, err := d.router.Route(unit, was.Poll); err == nil { // else it waits for none
				q.Device, q.Link = device, link
			}
		}
		return q, nil
	}
	text := strings.TrimSpace(m.Text)
	lives := messageLives
	if m.ExpiresS != 0 {
		// Bounded before it is multiplied: what runs over would be some other time.
		lives = time.Duration(max(-1, min(m.ExpiresS, int(2*messageLivesMax/time.Second)))) * time.Second
	}
	switch {
	case (text == "") == !m.Poll:
		return Queued{}, fmt.Errorf("%w: a message has either text or poll", incident.ErrInvalid)
	case len(text) > maxText:
		return Queued{}, errTooLong
	case lives < time.Second || lives > messageLivesMax:
		return Queued{}, fmt.Errorf("%w: expires_s is not between 1 and %d", incident.ErrInvalid, int(messageLivesMax.Seconds()))
	case d.router == nil:
		return Queued{}, fmt.Errorf("%w: no link may transmit", incident.ErrConflict)
	}
	device, link, err := d.router.Route(unit, m.Poll)
	if err != nil {
		return Queued{}, fmt.Errorf("%w: %w", incident.ErrConflict, err)
	}
	act := d.act(r)
	act.Incident, act.Units, act.Text, act.Poll = "", []string{unit}, text, m.Poll
	d.stamp(&act)
	act.Expires = d.o.Now().UTC().Add(lives) // attempts end by the clock, whatever time the act has
	if err := d.store(ctx, act); err != nil {
		return Queued{}, err
	}
	return Queued{ID: act.ID, Unit: unit, Device: device, Link: link, State: "queued", ExpiresAt: act.Expires}, nil
}
