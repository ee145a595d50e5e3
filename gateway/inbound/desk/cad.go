package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// cancelled is the status by which a CAD takes an incident back.
const cancelled = "cancelled"

// byExternalID finds the incident that a CAD knows by this id.
func (d *Desk) byExternalID(id string) (incident.Incident, bool) {
	if id == "" {
		return incident.Incident{}, false
	}
	found := d.state.Find(func(c incident.Call) bool { return c.ExternalID == id }, 1)
	if len(found) == 0 {
		return incident.Incident{}, false
	}
	return found[0], true
}

// amend brings an incident up to what a CAD says of it now: where it is, that it
// is cancelled, and as a note what else is new. What a request leaves out stays.
// The same request again changes nothing.
func (d *Desk) amend(ctx context.Context, req request, in incident.Incident, r Request) (incident.Incident, error) {
	free, err := d.locks.take(ctx, incidentLock+in.ID)
	if err != nil {
		return incident.Incident{}, err
	}
	defer free()
	if in, err = d.incident(ctx, in.ID); err != nil { // as it stands now that nobody else acts on it
		return incident.Incident{}, err
	}
	if r.Category == "" {
		r.Category = in.Category
	}
	if err := d.checkRequest(r, d.o.Now().UTC()); err != nil {
		return incident.Incident{}, err
	}
	if req.By == incident.ByCADSystem {
		req.Key, req.digest = "", "" // a CAD may go back to what it said before, in the same words
	}
	var acts []incident.Act
	begin := func(kind incident.ActKind) *incident.Act {
		acts = append(acts, d.act(req.about(kind, in.ID)))
		return &acts[len(acts)-1]
	}
	place, district := r.Location, ""
	switch {
	case place == nil && r.Address != in.Address && (in.Location == nil || in.Location.Source == fromGazetteer):
		place, district, _ = d.locate(r.Address)
	case place != nil && d.o.Places != nil:
		district = d.o.Places.District(place.Point())
	}
	if place != nil && moved(in.Location, place) {
		act := begin(incident.ActRelocate)
		act.Location, act.District, act.Reason = place, district, "koreksi dari CAD / corrected by the CAD"
	}
	if text := news(in, r); text != "" && !slices.ContainsFunc(in.Notes, func(n incident.Note) bool { return n.Text == text }) {
		begin(incident.ActNote).Text = text
	}
	over := in.Status == "closed" || in.Status == cancelled
	if r.Status == cancelled && !over {
		begin(incident.ActCancel).Reason = r.Reason
	}
	if acts, err = d.notYet(ctx, req, in.ID, acts); err != nil {
		return incident.Incident{}, err
	}
	switch {
	case len(acts) == 0:
		return in, nil
	case over:
		return incident.Incident{}, fmt.Errorf("incident %s is %s, and the CAD changes it: %w", in.Number, in.Status, incident.ErrConflict)
	}
	for _, act := range acts {
		if in, err = d.record(ctx, act); err != nil {
			return incident.Incident{}, err
		}
	}
	return in, nil
}

// notYet leaves out the acts that an earlier request with this key made. A key that was
// used for another request is refused.
func (d *Desk) notYet(ctx context.Context, req request, id string, acts []incident.Act) ([]incident.Act, error) {
	for _, kind := range []incident.ActKind{incident.ActRelocate, incident.ActNote, incident.ActCancel} {
		was, found, err := d.earlier(ctx, req.about(kind, id))
		if err != nil {
			return nil, err
		}
		if found {
			acts = slices.DeleteFunc(acts, func(a incident.Act) bool { return a.ID == was.ID })
		}
	}
	return acts, nil
}

// movedM is how far, in metres, a place must move for it to be another one.
const movedM = 1

func moved(from, to *incident.Location) bool {
	return from == nil || geo.Distance(from.Point(), to.Point()) > movedM || to.RadiusM > 0 && to.RadiusM != from.RadiusM || to.UncertaintyM != from.UncertaintyM
}

// news is what else a request says that differs from what is known, in words.
func news(in incident.Incident, r Request) string {
	var said []string
	if !in.CallerErasedAt.IsZero() { // who called stays forgotten, whoever repeats it
		callers := incident.Callers([]*incident.Act{{Opening: &incident.Opening{Caller: r.Caller}}})
		r.Address, r.Description, r.Caller = incident.WithoutCallers(r.Address, callers), incident.WithoutCallers(r.Description, callers), ""
	}
	for _, f := range []struct{ name, was, is string }{
		{"kategori/category", in.Category, r.Category}, {"alamat/address", in.Address, r.Address},
		{incident.CallerLabel, in.Caller, r.Caller}, {"keterangan/description", in.Description, r.Description},
	} {
		if f.is != "" && f.is != f.was {
			said = append(said, f.name+": "+f.is)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "CAD: " + strings.Join(said, "; ")
}
