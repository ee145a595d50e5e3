package desk

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
	"htgateway/geo/places"
)

// Journal takes acts.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
}

// State is what acts are checked against. Wait returns once an entry has had its
// effect.
type State interface {
	Find(want func(incident.Call) bool, most int) []incident.Incident
	Incident(id string) (incident.Incident, bool)
	UnitByID(id string) (incident.UnitState, bool)
	Alerts() []incident.Alert
	Wait(ctx context.Context, seq uint64) error
	// Ready returns once everything that was in the journal at the call had its effect.
	Ready(ctx context.Context) error
}

// Options of a desk.
type Options struct {
	Plan sop.Plan
	// Places finds addresses, and the sub-district of a point; nil without places.
	Places *places.Gazetteer
	// Now is the gateway's clock.
	Now func() time.Time
	// Zone is where the incident numbers' day begins.
	Zone *time.Location
	// Forget takes the caller of an incident out of what is stored.
	Forget func(ctx context.Context, id string) error
}

// Desk is safe for concurrent use.
type Desk struct {
	journal Journal
	state   State
	o       Options
	router  Router // nil when nothing can be sent

	mu sync.Mutex // one opening at a time, so that numbers are unique
}

// New returns a desk.
func New(j Journal, s State, o Options) *Desk { return &Desk{journal: j, state: s, o: o} }

// Router says which device a message for a unit goes to and over which link.
type Router interface {
	Route(unit string, poll bool) (devices.Identity, string, error)
}

// SendOver lets messages go out. It is called before the first request.
func (d *Desk) SendOver(r Router) { d.router = r }

// Request is a new incident as it is asked for.
type Request struct {
	Category    string             `json:"category"`
	Location    *incident.Location `json:"location"`
	Address     string             `json:"address"`
	ReceivedAt  *time.Time         `json:"received_at"`
	Caller      string             `json:"caller"`
	Description string             `json:"description"`
	ExternalID  string             `json:"external_id"`
	// Status "cancelled" takes back the incident with this external id, for Reason.
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// earliest is when the first of anything may have happened: a date before it is a
// slip, or a clock that was never set.
var earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// maxText is the longest text of an act, in bytes.
const maxText = 4000

// Open makes an incident. Asked again with the same key, it answers with the same
// incident; asked with an external id that is known, it brings that incident up to
// what the request says.
func (d *Desk) Open(ctx context.Context, c incident.Actor, r Request) (incident.Incident, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.state.Ready(ctx); err != nil { // numbers and external ids need all of the history
		return incident.Incident{}, err
	}
	if in, known := d.byExternalID(r.ExternalID); known {
		return d.amend(ctx, c, in, r)
	}
	now := d.o.Now().UTC()
	if err := d.checkRequest(r, now); err != nil {
		return incident.Incident{}, err
	}
	if r.ExternalID != "" {
		c.Key = "external " + r.ExternalID
	}
	act := d.act(c, incident.ActOpen, "", now)
	act.Incident = "i" + act.ID[1:]
	o := incident.Opening{
		Category: r.Category, Location: r.Location, Address: r.Address, Caller: r.Caller,
		Description: r.Description, ExternalID: r.ExternalID, ReceivedAt: now, Source: "dispatcher", Number: d.number(now),
	}
	if c.By == "cad" {
		o.Source = "cad"
	}
	if r.ReceivedAt != nil {
		o.ReceivedAt = r.ReceivedAt.UTC()
	}
	var several []places.Place
	switch {
	case r.Location == nil:
		o.Location, o.District, several = d.locate(r.Address)
	case d.o.Places != nil:
		o.District = d.o.Places.District(r.Location.Point())
	}
	act.Opening = &o
	in, err := d.append(ctx, act)
	if err == nil && len(several) > 0 {
		in, err = d.tellSeveral(ctx, in, several)
	}
	if err != nil || r.Status != cancelled {
		return in, err
	}
	return d.amend(ctx, c, in, r)
}

func (d *Desk) checkRequest(r Request, now time.Time) error {
	if !d.o.Plan.Knows(r.Category) {
		return fmt.Errorf("%w: category %q is not one of the procedure's", incident.ErrInvalid, r.Category)
	}
	if r.Status != "" && (r.Status != cancelled || r.ExternalID == "") {
		return fmt.Errorf("%w: status %q is not \"cancelled\" with an external_id", incident.ErrInvalid, r.Status)
	}
	if r.Location != nil {
		if err := r.Location.Check(); err != nil {
			return fmt.Errorf("%w: location: %w", incident.ErrInvalid, err)
		}
	}
	if r.ReceivedAt != nil && r.ReceivedAt.After(now.Add(time.Minute)) {
		return fmt.Errorf("%w: received_at lies in the future", incident.ErrInvalid)
	}
	if r.ReceivedAt != nil && r.ReceivedAt.Before(earliest) {
		return fmt.Errorf("%w: received_at lies before %d", incident.ErrInvalid, earliest.Year())
	}
	if len(r.Reason)+len(r.Address)+len(r.Caller)+len(r.Description)+len(r.ExternalID) > maxText {
		return fmt.Errorf("%w: more than %d bytes of text", incident.ErrInvalid, maxText)
	}
	return nil
}

// number is the day and a running number, "20261123-007".
func (d *Desk) number(now time.Time) string {
	day := now.In(d.o.Zone).Format("20060102")
	n := 1
	d.state.Find(func(c incident.Call) bool {
		if strings.HasPrefix(c.Number, day+"-") {
			n++
		}
		return false
	}, 0)
	return fmt.Sprintf("%s-%03d", day, n)
}

// Dispatch sends units to an incident.
func (d *Desk) Dispatch(ctx context.Context, c incident.Actor, id string, units []string) (incident.Incident, error) {
	in, err := d.open(ctx, id)
	if err != nil {
		return incident.Incident{}, err
	}
	if len(units) == 0 {
		return incident.Incident{}, fmt.Errorf("%w: no units named", incident.ErrInvalid)
	}
	for _, u := range units {
		if _, known := d.state.UnitByID(u); !known {
			return incident.Incident{}, fmt.Errorf("unit %q %w", u, incident.ErrNotFound)
		}
	}
	act := d.act(c, incident.ActDispatch, in.ID, d.o.Now())
	act.Units = units
	return d.append(ctx, act)
}

// Review notes that the dispatcher looked at the incident's status.
func (d *Desk) Review(ctx context.Context, c incident.Actor, id string) (incident.Incident, error) {
	in, err := d.open(ctx, id)
	if err != nil {
		return incident.Incident{}, err
	}
	return d.append(ctx, d.act(c, incident.ActReview, in.ID, d.o.Now()))
}

// Note adds a note, which counts as a review while the incident is open.
func (d *Desk) Note(ctx context.Context, c incident.Actor, id, text string) (incident.Incident, error) {
	if _, err := d.incident(ctx, id); err != nil {
		return incident.Incident{}, err
	}
	if strings.TrimSpace(text) == "" || len(text) > maxText {
		return incident.Incident{}, fmt.Errorf("%w: a note has between 1 and %d bytes", incident.ErrInvalid, maxText)
	}
	act := d.act(c, incident.ActNote, id, d.o.Now())
	act.Text = text
	return d.append(ctx, act)
}

// Correction is a milestone's time set by hand.
type Correction struct {
	Milestone incident.MilestoneName `json:"milestone"`
	Unit      string                 `json:"unit"`
	At        time.Time              `json:"at"`
	Reason    string                 `json:"reason"`
}

// Correct sets a milestone's time by hand; the original stays in the record.
func (d *Desk) Correct(ctx context.Context, c incident.Actor, id string, k Correction) (incident.Incident, error) {
	in, err := d.incident(ctx, id)
	if err != nil {
		return incident.Incident{}, err
	}
	whole := k.Milestone == incident.Received || k.Milestone == incident.Closed
	each := slices.Contains([]incident.MilestoneName{incident.Dispatched, incident.Acknowledged, incident.EnRoute, incident.OnScene, incident.InProgress, incident.Completed}, k.Milestone)
	switch {
	case !whole && !each:
		return incident.Incident{}, fmt.Errorf("%w: milestone %q", incident.ErrInvalid, k.Milestone)
	case whole && k.Unit != "":
		return incident.Incident{}, fmt.Errorf("%w: %s is of the whole incident, not of a unit", incident.ErrInvalid, k.Milestone)
	case each && !slices.Contains(in.Units, k.Unit):
		return incident.Incident{}, fmt.Errorf("%w: unit %q was not sent to this incident", incident.ErrInvalid, k.Unit)
	case strings.TrimSpace(k.Reason) == "" || len(k.Reason) > maxText:
		return incident.Incident{}, fmt.Errorf("%w: a correction needs a reason", incident.ErrInvalid)
	case k.At.IsZero() || k.At.After(d.o.Now().Add(time.Minute)):
		return incident.Incident{}, fmt.Errorf("%w: at is missing or in the future", incident.ErrInvalid)
	case k.At.Before(earliest):
		return incident.Incident{}, fmt.Errorf("%w: at lies before %d", incident.ErrInvalid, earliest.Year())
	}
	act := d.act(c, incident.ActCorrect, id, d.o.Now())
	act.Milestone, act.MilestoneAt, act.Reason = k.Milestone, k.At.UTC(), k.Reason
	if k.Unit != "" {
		act.Units = []string{k.Unit}
	}
	return d.append(ctx, act)
}

// Close ends an incident.
func (d *Desk) Close(ctx context.Context, c incident.Actor, id, reason string) (incident.Incident, error) {
	if c.Key == "" { // closing again is no error to somebody who asks twice with one key
		if _, err := d.open(ctx, id); err != nil {
			return incident.Incident{}, err
		}
	} else if _, err := d.incident(ctx, id); err != nil {
		return incident.Incident{}, err
	}
	act := d.act(c, incident.ActClose, id, d.o.Now())
	act.Reason = reason
	return d.append(ctx, act)
}

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

// Send queues a message for a unit.
func (d *Desk) Send(ctx context.Context, c incident.Actor, unit string, m Message) (Queued, error) {
	if _, known := d.state.UnitByID(unit); !known {
		return Queued{}, fmt.Errorf("unit %q %w", unit, incident.ErrNotFound)
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
		return Queued{}, fmt.Errorf("%w: more than %d bytes of text", incident.ErrInvalid, maxText)
	case lives < time.Second || lives > messageLivesMax:
		return Queued{}, fmt.Errorf("%w: expires_s is not between 1 and %d", incident.ErrInvalid, int(messageLivesMax.Seconds()))
	case d.router == nil:
		return Queued{}, fmt.Errorf("%w: no link may transmit", incident.ErrConflict)
	}
	device, link, err := d.router.Route(unit, m.Poll)
	if err != nil {
		return Queued{}, fmt.Errorf("%w: %w", incident.ErrConflict, err)
	}
	act := d.act(c, incident.ActMessage, unit, d.o.Now())
	act.Incident, act.Units, act.Text, act.Poll, act.Expires = "", []string{unit}, text, m.Poll, act.At.Add(lives)
	rec, err := journal.NewRecord(journal.KindAct, act.ID, act.At, act)
	if err != nil {
		return Queued{}, err
	}
	if _, err := d.journal.Append(ctx, rec); err != nil {
		return Queued{}, fmt.Errorf("cannot journal the message: %w", err)
	}
	return Queued{ID: act.ID, Unit: unit, Device: device, Link: link, State: "queued", ExpiresAt: act.Expires}, nil
}

// incident finds an incident, once everything acknowledged before had its effect:
// after a start the state may still be behind the journal, and what an earlier life
// acknowledged is neither unknown nor as it was then.
func (d *Desk) incident(ctx context.Context, id string) (incident.Incident, error) {
	if err := d.state.Ready(ctx); err != nil {
		return incident.Incident{}, err
	}
	in, known := d.state.Incident(id)
	if !known {
		return incident.Incident{}, fmt.Errorf("incident %q %w", id, incident.ErrNotFound)
	}
	return in, nil
}

// open finds an incident that is not closed.
func (d *Desk) open(ctx context.Context, id string) (incident.Incident, error) {
	in, err := d.incident(ctx, id)
	if err != nil {
		return in, err
	}
	if in.Ended() {
		return incident.Incident{}, fmt.Errorf("incident %s is %s: %w", in.Number, in.Status, incident.ErrConflict)
	}
	return in, nil
}

// act starts an act whose id is the caller's key, so that the journal knows a
// repeated request as a duplicate.
func (d *Desk) act(c incident.Actor, kind incident.ActKind, id string, now time.Time) incident.Act {
	key := c.Key
	if key == "" {
		key = "once " + rand.Text()
	}
	return incident.Act{
		ID: "a" + journal.Digest(string(kind), id, c.By, key), Kind: kind, Incident: id, By: c.By, At: now.UTC(),
	}
}

// append journals an act, waits for its effect and returns the incident.
func (d *Desk) append(ctx context.Context, act incident.Act) (incident.Incident, error) {
	rec, err := journal.NewRecord(journal.KindAct, act.ID, act.At, act)
	if err != nil {
		return incident.Incident{}, err
	}
	results, err := d.journal.Append(ctx, rec)
	if err != nil {
		return incident.Incident{}, fmt.Errorf("cannot journal the act: %w", err)
	}
	if err := d.state.Wait(ctx, results[0].Seq); err != nil {
		return incident.Incident{}, err
	}
	in, known := d.state.Incident(act.Incident)
	if !known {
		return incident.Incident{}, fmt.Errorf("incident %q %w after its act", act.Incident, incident.ErrNotFound)
	}
	return in, nil
}
