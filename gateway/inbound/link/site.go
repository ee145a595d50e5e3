package link

import (
	"context"

	"htgateway/gateway/outbound/edge"
	"htgateway/gateway/status"
)

// Site is the link of one edge site.
type Site struct {
	about About
	edges *Edges
}

// Run returns when ctx ends: the site's deliveries come over the page's listener.
func (*Site) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Status is how the site stands, as it said last.
func (l *Site) Status() []status.Status {
	is := l.edges.state(l.about.ID)
	state := status.Down
	if is.up {
		state = status.Up
	}
	out := l.about.status(l.edges.intake, state, is.since, edge.Waits(is.waiting, is.waitingSince, is.clockS, is.errorS))
	out.Waiting, out.ClockS = is.waiting, is.clockS
	if !is.waitingSince.IsZero() {
		out.WaitingSince = &is.waitingSince
	}
	return []status.Status{out}
}
