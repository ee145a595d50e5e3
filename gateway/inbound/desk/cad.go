package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
func (d *Desk) amend(ctx context.Context, c incident.Actor, in incident.Incident, r Request) (incident.Incident, error) {
	now := d.o.Now().UTC()
	if r.Category == "" {
		r.Category = in.Category
	}
	if err := d.checkRequest(r, now); err != nil {
		return incident.Incident{}, err
	}
	var acts []incident.Act
	begin := func(kind incident.ActKind) *incident.Act {
		acts = append(acts, d.act(incident.Actor{By: c.By}, kind, in.ID, now.Add(time.Duration(len(acts)))))
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
	switch {
	case len(acts) == 0:
		return in, nil
	case over:
		return incident.Incident{}, fmt.Errorf("incident %s is %s, and the CAD changes it: %w", in.Number, in.Status, incident.ErrConflict)
	}
	var err error
	for _, act := range acts {
		if in, err = d.append(ctx, act); err != nil {
			return incident.Incident{}, err
		}
	}
	return in, nil
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
