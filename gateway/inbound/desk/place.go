package desk

import (
	"context"
	"strings"

	"htgateway/gateway/incident"
	"htgateway/geo/places"
)

// fromGazetteer is the source of a location that was found by the address.
const fromGazetteer = "gazetteer"

// locate finds an address's place. An address that may mean several places gives
// none, and what it may mean.
func (d *Desk) locate(address string) (at *incident.Location, district string, several []places.Place) {
	if d.o.Places == nil || strings.TrimSpace(address) == "" {
		return nil, "", nil
	}
	found := d.o.Places.Locate(address)
	if len(found) != 1 {
		return nil, "", found
	}
	p := found[0]
	return &incident.Location{Lat: p.Point[1], Lon: p.Point[0], UncertaintyM: p.RadiusM, Source: fromGazetteer, Place: p.String()}, p.District, nil
}

// tellSeveral notes on an incident what its address may mean, once.
func (d *Desk) tellSeveral(ctx context.Context, in incident.Incident, several []places.Place) (incident.Incident, error) {
	names := make([]string, 0, len(several))
	for _, p := range several {
		names = append(names, p.String())
	}
	text := "Alamat bisa berarti / the address may mean: " + strings.Join(names, "; ")
	r := request{Actor: incident.Actor{By: incident.ByGazetteer, Key: in.Address}, kind: incident.ActNote, subject: in.ID}
	return d.perform(ctx, r, nil, func(_ incident.Incident, act *incident.Act) error {
		act.Text = text
		return nil
	})
}
