package gateway

import (
	"context"

	"htgateway/gateway/config"
	"htgateway/gateway/history/record"
	"htgateway/gateway/http/api"
	"htgateway/gateway/incident"
	"htgateway/geo/places"
)

// sheet makes the record of an incident for the API; false when there is none of
// that id or number.
func (g *Gateway) sheet(ctx context.Context, name string, withCaller bool) (api.Sheet, bool, error) {
	in, known := g.fold.Incident(name)
	if !known {
		if found := g.fold.Find(func(c incident.Call) bool { return c.Number == name }, 1); len(found) > 0 {
			in, known = found[0], true
		}
	}
	if !known {
		return nil, false, nil
	}
	course, _ := g.fold.Course(in.ID)
	updates, err := g.updates.ReadIncident(ctx, in.ID)
	if err != nil {
		return nil, false, err
	}
	var links []string
	for _, l := range g.links {
		links = append(links, l.id)
	}
	sheet, err := record.Gather(ctx, record.Sources{
		Incident: in, Course: course, Plan: g.c.Plan, Roster: g.units(), Updates: updates,
		Frame: record.FrameOf(g.journal, links, g.intake.Hearers), Landmarks: Landmarks(g.places),
	}, record.Options{Office: Office(g.c), Zone: wib, Now: g.o.Now(), WithCaller: withCaller})
	return sheet, err == nil, err
}

// Office is the heading of printed records, as the configuration has it.
func Office(c config.Config) record.Office {
	o := c.Office
	return record.Office{
		County: c.County, Name: o.Name, Service: o.Service, Address: o.Address,
		City: o.City, Signatory: o.Signatory, Position: o.Position,
	}
}

// Landmarks are the villages that a sketch may show.
func Landmarks(g *places.Gazetteer) []record.Landmark {
	var out []record.Landmark
	for _, v := range g.Villages() {
		out = append(out, record.Landmark{Name: v.Name, Lat: v.Point.Lat(), Lon: v.Point.Lon()})
	}
	return out
}

// LinkIDs are the links that a configuration has, as hearings name them.
func LinkIDs(c config.Config) []string {
	out := []string{embeddedLink}
	for _, l := range c.Links {
		out = append(out, l.ID)
	}
	return append(out, c.Sites()...)
}
