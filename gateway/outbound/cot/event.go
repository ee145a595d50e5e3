package cot

import (
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"htgateway/gateway/incident"
	"htgateway/geo"
)

// The types of event that are sent, and what is put where a number is unknown.
const (
	typeIncident  = "b-m-p-s-m"
	typeEmergency = "b-a-o-tbl"
	typeCalm      = "b-a-o-can"
	typeDelete    = "t-x-d-d"
	unknown       = "9999999.0"
)

// How an event's position is known: by a machine's GPS, or by a person's estimate.
const (
	byGPS    = "m-g"
	byPerson = "h-e"
)

// uidPrefix stands before every uid, so that it is no other system's.
const uidPrefix = "htgateway."

type event struct {
	XMLName xml.Name `xml:"event"`
	Version string   `xml:"version,attr"`
	UID     string   `xml:"uid,attr"`
	Type    string   `xml:"type,attr"`
	How     string   `xml:"how,attr"`
	Time    string   `xml:"time,attr"`
	Start   string   `xml:"start,attr"`
	Stale   string   `xml:"stale,attr"`
	Point   point    `xml:"point"`
	Detail  detail   `xml:"detail"`
}

type point struct {
	Lat string `xml:"lat,attr"`
	Lon string `xml:"lon,attr"`
	// HAE is the height above the ellipsoid: never known here, since radios and
	// phones give heights above sea level.
	HAE string `xml:"hae,attr"`
	CE  string `xml:"ce,attr"`
	LE  string `xml:"le,attr"`
}

type detail struct {
	Contact   *contact   `xml:"contact"`
	Group     *group     `xml:"__group"`
	Track     *track     `xml:"track"`
	Status    *battery   `xml:"status"`
	Link      *link      `xml:"link"`
	Emergency *emergency `xml:"emergency"`
	Delete    *struct{}  `xml:"__forcedelete"`
	Remarks   string     `xml:"remarks,omitempty"`
}

type contact struct {
	CallSign string `xml:"callsign,attr"`
}

type group struct {
	Name string `xml:"name,attr"`
	Role string `xml:"role,attr"`
}

type track struct {
	Course string `xml:"course,attr"`
	Speed  string `xml:"speed,attr"`
}

type battery struct {
	Percent string `xml:"battery,attr"`
}

type link struct {
	UID      string `xml:"uid,attr"`
	Type     string `xml:"type,attr"`
	Relation string `xml:"relation,attr"`
}

type emergency struct {
	Type     string `xml:"type,attr,omitempty"`
	Cancel   bool   `xml:"cancel,attr,omitempty"`
	CallSign string `xml:",chardata"`
}

// unit composes the event of a unit at its newest fix; false when it has none that
// is not stale.
func (s Settings) unit(u incident.UnitState, now time.Time) ([]byte, bool) {
	if u.Fix == nil || u.Fix.NoLock || geo.CheckPoint(u.Fix.Point) != nil {
		return nil, false
	}
	e := s.event(unitUID(u.ID), s.UnitType, byGPS, u.FixAt, u.FixAt.Add(s.Stale))
	if !u.FixAt.Add(s.Stale).After(now) || u.FixAt.IsZero() {
		return nil, false
	}
	e.Point = place(u.Fix)
	e.Detail = detail{
		Contact: &contact{u.CallSign}, Group: &group{"Cyan", "Team Member"},
		Remarks: trimmed(u.Agency + " " + string(u.Status)),
	}
	speed, moving := u.Fix.SpeedMPS.Value()
	course, pointed := u.Fix.CourseDeg.Value()
	if moving || pointed {
		t := track{Course: unknown, Speed: unknown}
		if moving {
			t.Speed = number(speed, 2)
		}
		if pointed {
			t.Course = number(course, 1)
		}
		e.Detail.Track = &t
	}
	if pct, has := u.BatteryPct.Value(); has {
		e.Detail.Status = &battery{number(pct, 0)}
	}
	return e.encode(), true
}

// incident composes an incident's marker; false when it has no place.
func (s Settings) incident(in incident.Incident, now time.Time) ([]byte, bool) {
	if in.Location == nil {
		return nil, false
	}
	e := s.event(incidentUID(in.ID), typeIncident, byPerson, now, now.Add(s.Stale))
	e.Start = stamp(in.ReceivedAt)
	e.Point = point{Lat: number(in.Location.Lat, 6), Lon: number(in.Location.Lon, 6), HAE: unknown, CE: unknown, LE: unknown}
	if ce := max(in.Location.RadiusM, in.Location.UncertaintyM); ce > 0 {
		e.Point.CE = number(ce, 1)
	}
	e.Detail = detail{
		Contact: &contact{in.Number + " " + in.Category},
		Remarks: trimmed(in.Status + " " + in.Address + " " + in.District + " " + in.Description),
	}
	return e.encode(), true
}

// over composes the event that takes an incident's marker off the map.
func (s Settings) over(in incident.Incident, now time.Time) []byte {
	e := s.event(incidentUID(in.ID), typeDelete, byGPS, now, now.Add(s.Stale))
	e.Point = nowhere()
	e.Detail = detail{Link: &link{UID: incidentUID(in.ID), Type: "none", Relation: "none"}, Delete: &struct{}{}}
	return e.encode()
}

// alert composes a unit's emergency since a time, at its newest fix if it has one.
func (s Settings) alert(u incident.UnitState, since, now time.Time) []byte {
	e := s.emergency(u, typeEmergency, now)
	e.Start = stamp(since)
	e.Detail.Emergency.Type = "911 Alert"
	return e.encode()
}

// calm composes the end of a unit's emergency.
func (s Settings) calm(u incident.UnitState, now time.Time) []byte {
	e := s.emergency(u, typeCalm, now)
	e.Detail.Emergency.Cancel = true
	return e.encode()
}

func (s Settings) emergency(u incident.UnitState, kind string, now time.Time) event {
	e := s.event(unitUID(u.ID)+"-9-1-1", kind, byGPS, now, now.Add(s.Stale))
	e.Point = nowhere()
	if u.Fix != nil && geo.CheckPoint(u.Fix.Point) == nil {
		e.Point = place(u.Fix)
	}
	e.Detail = detail{
		Contact: &contact{u.CallSign + "-Alert"}, Link: &link{UID: unitUID(u.ID), Type: s.UnitType, Relation: "p-p"},
		Emergency: &emergency{CallSign: u.CallSign},
	}
	return e
}

func (s Settings) event(uid, kind, how string, at, stale time.Time) event {
	return event{Version: "2.0", UID: uid, Type: kind, How: how, Time: stamp(at), Start: stamp(at), Stale: stamp(stale)}
}

// encode writes XML. encoding/xml escapes what would be markup and replaces what
// XML has no room for, so a hostile call sign stays a call sign.
func (e event) encode() []byte {
	b, err := xml.Marshal(e)
	if err != nil {
		return nil // every field is text
	}
	return append([]byte(xml.Header), b...)
}

func unitUID(id string) string     { return uidPrefix + "unit." + id }
func incidentUID(id string) string { return uidPrefix + "incident." + id }

func place(f *geo.Fix) point {
	p := point{Lat: number(f.Point[1], 6), Lon: number(f.Point[0], 6), HAE: unknown, CE: unknown, LE: unknown}
	if m, has := f.AccuracyM.Value(); has {
		p.CE = number(m, 1)
	}
	return p
}

// nowhere is a point that is not known.
func nowhere() point { return point{Lat: "0.0", Lon: "0.0", HAE: unknown, CE: unknown, LE: unknown} }

func number(v float64, decimals int) string { return strconv.FormatFloat(v, 'f', decimals, 64) }

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// trimmed puts single spaces between words and bounds the length: a datagram holds
// so much only.
func trimmed(s string) string {
	const most = 400
	words := strings.Join(strings.Fields(s), " ")
	if len(words) > most {
		words = strings.ToValidUTF8(words[:most], "")
	}
	return words
}
