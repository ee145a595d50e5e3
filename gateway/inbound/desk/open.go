package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"htgateway/gateway/incident"
)

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

// Open makes an incident. Asked again with the same key, it answers with the same
// incident; asked with an external id that is known, it brings that incident up to
// what the request says.
func (d *Desk) Open(ctx context.Context, c incident.Actor, r Request) (incident.Incident, error) {
	free, err := d.locks.take(ctx, openingLock)
	if err != nil {
		return incident.Incident{}, err
	}
	defer free()
	if err := d.ready(ctx); err != nil { // numbers and external ids need all of the history
		return incident.Incident{}, err
	}
	req := asked(c, incident.ActOpen, "", r)
	first := req
	if r.ExternalID != "" && (c.Key == "" || c.By == incident.ByCADSystem) {
		// Who knows the call by an id of his own says more of it under that id.
		first.Key, first.digest = "external "+r.ExternalID, ""
	}
	was, found, err := d.earlier(ctx, first)
	if err != nil {
		return incident.Incident{}, err
	}
	if found && first.digest != "" {
		return d.opened(ctx, req, was.Incident, r)
	}
	if in, known := d.byExternalID(r.ExternalID); known {
		return d.amend(ctx, req, in, r)
	}
	now := d.o.Now().UTC()
	if err := d.checkRequest(r, now); err != nil {
		return incident.Incident{}, err
	}
	act := d.act(first)
	act.Incident = "i" + act.ID[1:]
	d.stamp(&act)
	o := incident.Opening{
		Category: r.Category, Location: r.Location, Address: r.Address, Caller: r.Caller,
		Description: r.Description, ExternalID: r.ExternalID, ReceivedAt: act.At, Source: "dispatcher", Number: d.number(act.At),
	}
	if c.By == incident.ByCADSystem {
		o.Source = "cad"
	}
	if r.ReceivedAt != nil {
		o.ReceivedAt = r.ReceivedAt.UTC()
	}
	switch {
	case r.Location == nil:
		o.Location, o.District, _ = d.locate(r.Address)
	case d.o.Places != nil:
		o.District = d.o.Places.District(r.Location.Point())
	}
	act.Opening = &o
	if err := d.append(ctx, act); err != nil {
		return incident.Incident{}, err
	}
	return d.opened(ctx, req, act.Incident, r)
}

// opened is an incident that a request opened, with what follows from the request beside
// its opening.
func (d *Desk) opened(ctx context.Context, req request, id string, r Request) (incident.Incident, error) {
	in, err := d.incident(ctx, id)
	if err == nil && r.Location == nil {
		if _, _, several := d.locate(r.Address); len(several) > 0 {
			in, err = d.tellSeveral(ctx, in, several)
		}
	}
	if err != nil || r.Status != cancelled {
		return in, err
	}
	return d.amend(ctx, req, in, r)
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
