package enrolment

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/devices/account/password"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// Journal keeps acts and the fold of them.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error)
	SaveSnapshot(ctx context.Context, fold string, seq uint64, state []byte) error
	Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error)
}

// Roster is the registry with its journal. It is safe for concurrent use.
type Roster struct {
	journal Journal
	now     func() time.Time
	// changed are called after every act.
	changed []func()

	// acting lets one act at a time be checked and journaled; mu guards the registry.
	acting   sync.Mutex
	mu       sync.RWMutex
	registry *Registry
	// read is the entry up to which the journal was read; acting guards it.
	read uint64
	// given is guarded by acting.
	given given
}

// OnChange has f called after each later act, when its effect is in [Roster.Units]. It is
// called before the first of them.
func (r *Roster) OnChange(f func()) { r.changed = append(r.changed, f) }

// Users are the embedded broker's users that were enrolled, each with the hash of
// its password.
func (r *Roster) Users() map[string]string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.registry.Users()
}

// Holder is the device to which a token was given and from which it was not taken.
func (r *Roster) Holder(token string) (devices.Identity, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.registry.Holder(hash(token))
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// NewUnit is a unit as it is asked for.
type NewUnit struct {
	// ID is made of the call sign when it is empty.
	ID       string `json:"id"`
	CallSign string `json:"call_sign"`
	Agency   string `json:"agency"`
}

var (
	unitID  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	notInID = regexp.MustCompile(`[^a-z0-9]+`)
)

// maxName is the longest call sign or agency, in bytes.
const maxName = 60

// MakeUnit makes a unit. Errors: [incident.ErrInvalid], [incident.ErrConflict], the journal's.
func (r *Roster) MakeUnit(ctx context.Context, c incident.Actor, n NewUnit) (incident.Unit, error) {
	n.CallSign, n.Agency = strings.TrimSpace(n.CallSign), strings.TrimSpace(n.Agency)
	if n.ID == "" {
		n.ID = strings.Trim(notInID.ReplaceAllString(strings.ToLower(n.CallSign), "-"), "-")
	}
	switch {
	case n.CallSign == "" || len(n.CallSign) > maxName || len(n.Agency) > maxName:
		return incident.Unit{}, fmt.Errorf("%w: a unit needs a call sign of at most %d bytes", incident.ErrInvalid, maxName)
	case !unitID.MatchString(n.ID):
		return incident.Unit{}, fmt.Errorf("%w: id %q is not of small letters, digits and hyphens", incident.ErrInvalid, n.ID)
	}
	r.acting.Lock()
	defer r.acting.Unlock()
	act := r.act(asked(c, "make a unit", n.ID, n.CallSign, n.Agency), MakeUnit, n.ID, "")
	act.CallSign, act.Agency = n.CallSign, n.Agency
	was, again, err := r.earlier(act)
	switch u, has := r.unit(n.ID); {
	case err != nil:
		return incident.Unit{}, err
	case has && again && was.Unit == n.ID:
		return u, nil
	case has:
		return incident.Unit{}, fmt.Errorf("%w: unit %q is there already", incident.ErrConflict, n.ID)
	}
	if err := r.append(ctx, act); err != nil {
		return incident.Unit{}, err
	}
	u, _ := r.unit(n.ID)
	return u, nil
}

// Bind makes a device that exists speak for a unit.
func (r *Roster) Bind(ctx context.Context, c incident.Actor, unit string, d devices.Identity) error {
	if family := d.Family(); family == "" || family == string(d) || len(d) > 200 {
		return fmt.Errorf("%w: device %q has no family before a colon", incident.ErrInvalid, d)
	}
	r.acting.Lock()
	defer r.acting.Unlock()
	act := r.act(asked(c, "bind to "+unit, string(d)), Bind, unit, d)
	if _, again, err := r.earlier(act); again || err != nil {
		return err
	}
	if err := r.free(unit, d); err != nil {
		return err
	}
	return r.append(ctx, act)
}

// Release ends a device's speaking for a unit, and its token and password.
func (r *Roster) Release(ctx context.Context, c incident.Actor, unit string, d devices.Identity) error {
	r.acting.Lock()
	defer r.acting.Unlock()
	act := r.act(asked(c, "release "+string(d)+" from "+unit), Release, unit, d)
	if _, again, err := r.earlier(act); again || err != nil {
		return err
	}
	r.mu.RLock()
	owner, bound := r.registry.UnitOf(d)
	r.mu.RUnlock()
	if !bound || owner != unit {
		return fmt.Errorf("device %q of unit %q %w", d, unit, incident.ErrNotFound)
	}
	return r.append(ctx, act)
}

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

// free tells why a device cannot be bound to a unit, or nil.
func (r *Roster) free(unit string, d devices.Identity) error {
	if _, has := r.unit(unit); !has {
		return fmt.Errorf("unit %q %w", unit, incident.ErrNotFound)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if owner, bound := r.registry.UnitOf(d); bound {
		return fmt.Errorf("%w: device %q speaks for unit %q; release it there first", incident.ErrConflict, d, owner)
	}
	return nil
}

func (r *Roster) unit(id string) (incident.Unit, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, u := range r.registry.Units() {
		if u.ID == id {
			return u, true
		}
	}
	return incident.Unit{}, false
}

// append journals an act and lets it have its effect.
func (r *Roster) append(ctx context.Context, a Act) error {
	rec, err := journal.NewRecord(journal.KindEnrolment, a.ID, a.At, a)
	if err != nil {
		return err
	}
	storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendWithin) // who leaves does not end it
	defer cancel()
	if _, err := r.journal.Append(storing, rec); err != nil {
		return fmt.Errorf("cannot journal the enrolment: %w: %w", incident.ErrNotStored, err)
	}
	r.mu.Lock()
	r.registry.Apply(a)
	r.mu.Unlock()
	r.tell()
	return nil
}

// tell calls those who want to know of a change.
func (r *Roster) tell() {
	for _, changed := range r.changed {
		changed()
	}
}
