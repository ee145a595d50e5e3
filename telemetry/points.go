package telemetry

import (
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// Points returns the points that one update means; most kinds mean none. It is
// pure: the same update always gives the same points.
//
// A milestone that is corrected, and an interval that is measured again, may get
// another time or another kind of evidence and with it another identity. Then
// the old identity is given out too, with the field "superseded" true, so that
// no store goes on giving the old time; every live milestone and interval has
// it false. The call and the closing of an incident that was merged or cancelled
// have it true until the incident is reopened: it is in no figure, and a milestone
// "merged" or "cancelled" says why. A key or fix has the field, false, when it was given
// out before.
func Points(u incident.Update) []Point {
	switch u.Kind {
	case incident.UpdateFix:
		if u.Fix != nil {
			return []Point{fixPoint(u, *u.Fix)}
		}
	case incident.UpdateStatus:
		return []Point{statusPoint(u)}
	case incident.UpdateMilestone, incident.UpdateCorrected, incident.UpdateWitness:
		return revised(u.Before, u.Milestone, func(m incident.Milestone, old bool) Point { return milestonePoint(u, m, old) })
	case incident.UpdateInterval:
		points := revised(u.BeforeInterval, u.Interval, func(i sop.Interval, old bool) Point { return intervalPoint(u, i, old) })
		if len(points) == 1 && u.BeforeInterval != nil && u.Interval != nil {
			points[0].Fields = append(points[0].Fields[:len(points[0].Fields)-1], Field{CorrectedField, true})
		}
		return points
	case incident.UpdateReleased:
		if u.Text == releasedFrom || u.Text == movedFrom {
			return []Point{takenOffPoint(u)}
		}
	}
	return nil
}

// What an update of kind released says in its text when a unit's part ended
// before its work did.
const (
	releasedFrom = "released"
	movedFrom    = "moved"
)

// TakenOff stands in the tag milestone where a unit was taken off an incident,
// or sent to another: no stage of the procedure, and why later ones are missing.
const TakenOff = "taken_off"

func takenOffPoint(u incident.Update) Point {
	evidence := incident.ByDispatcher
	if u.By == string(incident.ByCAD) {
		evidence = incident.ByCAD
	}
	return milestonePoint(u, incident.Milestone{
		Name: TakenOff, Unit: u.Unit, At: u.At, Evidence: evidence, Report: u.Report, Confidence: 1, KnownAt: u.KnownAt, Clock: GatewayClock,
	}, false)
}

// revised gives the point of what was, unless what is has the same identity and
// so replaces it, and then the point of what is.
func revised[T any](before, after *T, point func(t T, superseded bool) Point) []Point {
	var out []Point
	if before != nil {
		out = append(out, point(*before, true))
	}
	if after != nil {
		now := point(*after, false)
		if len(out) == 1 && out[0].Identity() == now.Identity() {
			out = out[:0]
		}
		out = append(out, now)
	}
	return out
}

// fixPoint is one position of a unit. Link and device are tags, so that two links which
// each brought a fix of the same moment keep a point each, and so do two phones that
// tell whole seconds.
func fixPoint(u incident.Update, f geo.Fix) Point {
	p := Point{
		Measurement: UnitFix,
		Tags:        makeTags("unit", u.Unit, "agency", u.Agency, "protocol", string(u.Protocol), "link", u.Link, "device", string(u.Device)),
		Time:        u.At.UTC(),
		Fields:      []Field{{"lat", f.Point.Lat()}, {"lon", f.Point.Lon()}},
	}
	for _, r := range []struct {
		key string
		geo.Reading
	}{{"accuracy_m", f.AccuracyM}, {"speed_mps", f.SpeedMPS}, {"course_deg", f.CourseDeg}, {"altitude_m", f.AltitudeM}} {
		if v, known := r.Value(); known {
			p.Fields = append(p.Fields, Field{r.key, v})
		}
	}
	p.Fields = append(p.Fields, Field{"incident", text(u.Incident)}, Field{"report", text(u.Report)})
	return givenAgain(p, u)
}

func statusPoint(u incident.Update) Point {
	return givenAgain(Point{
		Measurement: UnitStatus,
		Tags:        makeTags("unit", u.Unit, "agency", u.Agency, "status", string(u.Status), "protocol", string(u.Protocol), "link", u.Link),
		Time:        u.At.UTC(),
		Fields: []Field{
			{"code", text(u.StatusCode)}, {"incident", text(u.Incident)},
			{"report", text(u.Report)}, {"device", text(string(u.Device))},
		},
	}, u)
}

// givenAgain says of the point of a report that was given out before that it is live: it may
// have been that point before and have been superseded since.
func givenAgain(p Point, u incident.Update) Point {
	if u.BeforeAt.IsZero() {
		return p
	}
	return withField(p, SupersededField, false)
}

func milestonePoint(u incident.Update, m incident.Milestone, superseded bool) Point {
	p := Point{
		Measurement: IncidentMilestone,
		Tags: makeTags("incident", u.Incident, "category", u.Category, "agency", u.Agency, "unit", m.Unit,
			"district", u.District, "milestone", string(m.Name), "evidence", string(m.Evidence)),
		Time: m.At.UTC(),
		Fields: []Field{
			{"report", text(m.Report)}, {"confidence", m.Confidence}, {"verdict", text(m.Verdict)},
			{SupersededField, superseded || m.Uncounted}, {ClockField, text(m.Clock)}, {KnownAfterField, 0.0}, {WitnessAfterField, 0.0},
		},
	}
	if !m.KnownAt.IsZero() {
		p.Fields[5].Value = m.KnownAt.Sub(m.At).Seconds()
	}
	if m.Other != nil {
		p.Fields[6].Value = m.Other.At.Sub(m.At).Seconds()
	}
	if !u.ReceivedAt.IsZero() {
		p.Fields = append(p.Fields, Field{OffsetField, m.At.Sub(u.ReceivedAt).Seconds()})
	}
	return p
}

// OffsetField is a milestone's time since the call was received, in seconds.
const OffsetField = "offset_s"

// intervalPoint is one measured interval, at the moment at which it ended. Of
// the two ends it is the one that tells repeated runs apart (progress updates,
// reviews) and that is fixed by the same evidence as the milestone that ended
// it; when that milestone is corrected the old end is superseded with it.
func intervalPoint(u incident.Update, i sop.Interval, superseded bool) Point {
	fields := []Field{{"seconds", i.Seconds()}}
	if i.LimitS > 0 { // else there is nothing to be within
		fields = append(fields, Field{"limit_s", i.LimitS}, Field{"within", i.Within})
	}
	if i.Ended != "" {
		fields = append(fields, Field{EndedField, string(i.Ended)})
	}
	return Point{
		Measurement: ResponseInterval,
		Tags: makeTags("incident", u.Incident, "category", u.Category, "agency", u.Agency, "unit", i.Unit,
			"district", u.District, "interval", string(i.Name)),
		Time:   i.To.UTC(),
		Fields: append(fields, Field{ContradictoryField, i.Contradictory}, Field{SupersededField, superseded}, Field{CorrectedField, false}),
	}
}
