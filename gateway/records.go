package gateway

import (
	"context"

	"htgateway/gateway/history/record"
	"htgateway/gateway/http/api"
	"htgateway/gateway/incident"
	"htgateway/geo"
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
	sheet, err := record.Gather(ctx, record.Sources{
		Incident: in, Course: course, Plan: g.c.Plan, Roster: g.units(), Updates: updates,
		Frame: record.FrameOf(g.journal, g.linkIDs(), g.intake.Hearers), Landmarks: record.LandmarksOf(g.places),
	}, record.Options{Office: g.c.Letterhead(), Zone: geo.WIB(), Now: g.o.Now(), WithCaller: withCaller})
	return sheet, err == nil, err
}
