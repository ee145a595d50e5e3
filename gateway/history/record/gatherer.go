package record

import (
	"context"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// State is what the tracker knows of incidents.
type State interface {
	Incident(id string) (incident.Incident, bool)
	Course(id string) (sop.Course, bool)
	Find(want func(incident.Call) bool, most int) []incident.Incident
}

// Gatherer gathers sheets from the parts of a running gateway.
type Gatherer struct {
	State   State
	Journal Finder
	Updates interface {
		ReadIncident(ctx context.Context, id string) ([]incident.Update, error)
	}
	Plan sop.Plan
	// Units is the roster; Links are the links by id, and Hearers the stations behind one
	// that pass reports on.
	Units     func() []incident.Unit
	Links     func() []string
	Hearers   func(link string) []string
	Landmarks []Landmark
	Office    Office
	Zone      *time.Location
	Now       func() time.Time
}

// Sheet makes the sheet of an incident; false when there is none of that id or number.
func (g *Gatherer) Sheet(ctx context.Context, name string, withCaller bool) (*Sheet, bool, error) {
	in, known := g.incident(name)
	if !known {
		return nil, false, nil
	}
	course, _ := g.State.Course(in.ID)
	updates, err := g.Updates.ReadIncident(ctx, in.ID)
	if err != nil {
		return nil, false, err
	}
	sheet, err := Gather(ctx, Sources{
		Incident: in, Course: course, Plan: g.Plan, Roster: g.Units(), Updates: updates, Frame: g.Frame, Landmarks: g.Landmarks,
	}, Options{Office: g.Office, Zone: g.Zone, Now: g.Now(), WithCaller: withCaller})
	return sheet, err == nil, err
}

func (g *Gatherer) incident(name string) (incident.Incident, bool) {
	if in, known := g.State.Incident(name); known {
		return in, true
	}
	for _, in := range g.State.Find(func(c incident.Call) bool { return c.Number == name }, 1) {
		return in, true
	}
	return incident.Incident{}, false
}

// Frame is one report as the journal has it, with every link that heard it; false when
// there is none of that id.
func (g *Gatherer) Frame(ctx context.Context, id string) (Frame, bool, error) {
	return FrameOf(g.Journal, g.Links(), g.Hearers)(ctx, id)
}
