package telemetry

import (
	"context"
	"slices"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/incident"
)

// correctsCall tells whether the update gives an incident another time of call.
func correctsCall(u incident.Update) bool {
	return u.Kind == incident.UpdateCorrected && u.Milestone != nil && u.Milestone.Name == incident.Received
}

// throughCorrectedCall is how many updates there are up to and with the first
// one that corrects the time of a call.
func throughCorrectedCall(updates []incident.Update) int {
	for i := range updates {
		if correctsCall(updates[i]) {
			return i + 1
		}
	}
	return len(updates)
}

// amendOffsets writes the milestones of an incident again, with their offsets
// from the corrected time of the call: the tracker tells of the one milestone
// that changed, and the offsets of all others hang on it.
func (f *Follower) amendOffsets(ctx context.Context, u incident.Update) error {
	var points []sourced
	query := Query{Measurement: IncidentMilestone, Tags: map[string]string{"incident": u.Incident}, Superseded: true}
	for wait := f.o.FirstWait; ; wait = min(2*wait, f.o.LongestWait) {
		var err error
		if points, err = f.reread(ctx, query, u); err == nil {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f.failed(ctx, err)
		if err := reconnect.Pause(ctx, spread(wait)); err != nil {
			return err
		}
	}
	return f.store(ctx, points)
}

func (f *Follower) reread(ctx context.Context, q Query, u incident.Update) ([]sourced, error) {
	var out []sourced
	for p, err := range f.o.Store.Points(ctx, q) {
		if err != nil {
			return nil, err
		}
		out = append(out, sourced{withOffset(p, u.Milestone.At), u.Seq})
	}
	return out, nil
}

// withOffset is the milestone's point with its offset from another time of call.
func withOffset(p Point, received time.Time) Point {
	fields := slices.DeleteFunc(slices.Clone(p.Fields), func(f Field) bool { return f.Key == OffsetField })
	p.Fields = append(fields, Field{OffsetField, p.Time.Sub(received).Seconds()})
	return p
}
