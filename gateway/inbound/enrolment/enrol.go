package enrolment

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"htgateway/devices"
	"htgateway/devices/account/password"
	"htgateway/gateway/incident"
)

// Secrets are given out once: only their hashes are kept.
type Secrets struct {
	Device devices.Identity
	// Token proves the device over HTTP; User and Password let it into the broker.
	Token, User, Password string
}

// Apps that a device can be enrolled with.
const (
	Keypad    = "keypad"    // the page at /keypad, or any program that sends by HTTP
	OwnTracks = "owntracks" // the OwnTracks app over the embedded broker
	MQTT      = "mqtt"      // any program that publishes field JSON on the embedded broker
)

// Enrol makes a new device for a unit, with fresh secrets.
func (r *Roster) Enrol(ctx context.Context, c incident.Actor, unit, app string) (Secrets, error) {
	r.acting.Lock()
	defer r.acting.Unlock()
	// Four letters tell two phones of one unit apart, and no device that was
	// released is ever somebody else's.
	name := unit + "-" + strings.ToLower(rand.Text()[:4])
	s := Secrets{Device: devices.Identity("field:" + name)}
	switch app {
	case Keypad:
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never fails: crypto/rand ends the process instead
		s.Token = base64.RawURLEncoding.EncodeToString(secret)
	case OwnTracks:
		s.Device = devices.Identity("owntracks:" + name + "/phone")
		s.User, s.Password = name, rand.Text()
	case MQTT:
		s.User, s.Password = name, rand.Text()
	default:
		return Secrets{}, fmt.Errorf("%w: app %q is not %s, %s or %s", incident.ErrInvalid, app, Keypad, OwnTracks, MQTT)
	}
	act := r.act(asked(c, "bind to "+unit, "app "+app), Bind, unit, "")
	switch was, again, err := r.earlier(act); {
	case err != nil:
		return Secrets{}, err
	case again:
		return r.given.again(was.ID, r.now())
	}
	if err := r.free(unit, s.Device); err != nil {
		return Secrets{}, err
	}
	act.Device = s.Device
	if s.Token != "" {
		act.TokenHash = hash(s.Token)
	}
	if s.User != "" {
		act.User, act.PasswordHash = s.User, password.Hash([]byte(s.Password))
	}
	if err := r.append(ctx, act); err != nil {
		return Secrets{}, err
	}
	if c.Key != "" {
		r.given.note(act.ID, s, r.now())
	}
	return s, nil
}
