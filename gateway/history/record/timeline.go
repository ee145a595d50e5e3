package record

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// timeline lists everything that is known of the incident, by the time at which it
// happened. Milestones come from the record as it stands; the rest from the updates
// that said it first.
func (g *gathering) timeline(tracks []Track) []Line {
	out := []Line{}
	keys := map[string]bool{} // reports that have a milestone's line
	for _, m := range g.src.Incident.Milestones {
		keys[m.Report] = true
		out = append(out, g.stageLine(m))
	}
	for _, u := range g.src.Updates {
		if l, is := g.line(u, keys); is {
			out = append(out, l)
		}
	}
	for i := range out {
		if out[i].Where == nil {
			out[i].Where = g.spot(tracks, out[i])
		} else {
			g.measure(out[i].Where)
		}
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		return cmp.Or(a.At.Compare(b.At), a.KnownAt.Compare(b.KnownAt))
	})
	return out
}

func (g *gathering) stageLine(m incident.Milestone) Line {
	l := Line{At: m.At, KnownAt: m.KnownAt, Kind: string(m.Name), What: or(stageWords, m.Name), Report: m.Report}
	if m.Unit != "" {
		l.Who = g.callSign(m.Unit)
	}
	switch key, pressed := g.keys[m.Report]; {
	case m.Evidence == incident.ByKey && pressed:
		l.Means, l.Where = g.keyMeans(key), at(key)
	case m.Evidence == incident.ByGeofence:
		l.Means = "posisi GPS: berada di dalam radius lokasi"
	case m.Evidence == incident.ByCAD:
		l.Means = "CAD"
	default:
		l.Means = "dispatcher " + g.by[m.Report]
		if m.Unit == "" {
			l.Who = g.by[m.Report]
		}
	}
	if m.Clock == "device" {
		l.Means += "; jam perangkat"
	} else if site, away := strings.CutPrefix(m.Clock, "site "); away {
		l.Means += "; jam situs " + site
	}
	if m.ClockCorrected {
		l.Means += fmt.Sprintf(" dikoreksi %+.0f s", m.ClockOffsetS.Or(0))
	}
	if m.Name == incident.OnScene {
		l.What += " (" + or(verdictWords, m.Verdict) + ")"
	}
	if m.Other != nil {
		l.Means += fmt.Sprintf("; saksi kedua: %s", or(evidenceWords, m.Other.Evidence))
	}
	return l
}

func (g *gathering) keyMeans(u incident.Update) string {
	text := "tombol status " + string(u.Device)
	if u.StatusCode != "" {
		text += " kode " + u.StatusCode
	}
	return text + " lewat " + u.Link
}

func at(u incident.Update) *Spot {
	if u.Fix == nil || u.Fix.NoLock {
		return nil
	}
	return &Spot{Lat: u.Fix.Point.Lat(), Lon: u.Fix.Point.Lon()}
}

// line makes a timeline's line of an update that is no milestone.
func (g *gathering) line(u incident.Update, keys map[string]bool) (Line, bool) {
	l := Line{At: u.At, KnownAt: u.KnownAt, Kind: string(u.Kind), Who: cmp.Or(u.CallSign, u.By), Report: u.Report}
	dispatcher := "dispatcher " + u.By
	switch u.Kind {
	case incident.UpdateStatus:
		if keys[u.Report] {
			return l, false
		}
		l.What, l.Means, l.Where = "Tombol \""+or(statusWords, u.Status)+"\" (tahap tidak berubah)", g.keyMeans(u), at(u)
	case incident.UpdateCorrected:
		l.At = u.KnownAt
		l.What, l.Means = g.correctionWords(u), "koreksi"
		if u.Milestone != nil {
			l.Means += " oleh " + cmp.Or(g.by[u.Milestone.Report], "laporan yang datang terlambat")
		}
	case incident.UpdateWitness:
		if u.Milestone.Unit == "" { // the call or the closing of one that was merged or cancelled
			return l, false
		}
		l.At = u.KnownAt
		l.What, l.Means = "Bukti kedua kedatangan: "+or(verdictWords, u.Milestone.Verdict), "pelacak kejadian"
		if m := u.Milestone; m.Verdict == incident.Corrected && m.Other != nil {
			l.What = fmt.Sprintf("Bukti di samping waktu yang ditetapkan: %s", or(evidenceWords, m.Other.Evidence))
		}
		if u.Milestone.Verdict == "" { // another stage than the arrival
			l.What = fmt.Sprintf("Laporan %q kini diyakini %.0f %%", or(stageWords, u.Milestone.Name), u.Milestone.Confidence*100)
		}
	case incident.UpdateReview:
		l.What, l.Means = "Status insiden dipantau", dispatcher
	case incident.UpdateNote:
		l.What, l.Means = "Catatan: "+u.Text, dispatcher
	case incident.UpdateReleased:
		l.What, l.Means = "Unit dilepas dari insiden", dispatcher
		if u.By == "" {
			l.Means = "pelacak kejadian"
		}
	case incident.UpdateChanged:
		l.What, l.Means = "Insiden diubah (lokasi, pembatalan atau pembukaan kembali)", dispatcher
	case incident.UpdateMessage:
		l.What, l.Means = "Pesan: "+u.Text, "teks dari radio "+string(u.Device)+" lewat "+u.Link
		if u.By != "" {
			l.What, l.Means, l.Who = "Pesan untuk "+u.CallSign+": "+u.Text, dispatcher, u.By
		}
		if u.By == journal.BySOP {
			l.Means, l.Who = "jam SOP, otomatis", "Gateway"
		}
	case incident.UpdateDelivery:
		if u.Delivery == nil || u.Delivery.State == journal.DeliverySent && g.ended[u.Delivery.Message+" "+u.Unit] {
			return l, false
		}
		l.What = "Pesan \"" + u.Delivery.Text + "\": " + or(deliveryWords, u.Delivery.State)
		if u.Delivery.Why != "" {
			l.What += " (" + u.Delivery.Why + ")"
		}
		l.Who, l.Means = "Gateway", "ke radio "+u.Delivery.Device+" lewat "+u.Delivery.Link
	case incident.UpdateAlert:
		if u.Alert == nil {
			return l, false
		}
		l.What, l.Means = "Perhatian: "+first(u.Alert.Text), "pelacak kejadian"
	case incident.UpdateAlarm:
		if u.Alarm == nil || u.Alarm.Change != u.Alarm.State || u.Alarm.State != "raised" {
			return l, false
		}
		l.Who, l.What, l.Means = u.Alarm.Late, "Peringatan jam SOP: "+u.Alarm.Text, "jam SOP"
	default:
		return l, false
	}
	return l, true
}

func (g *gathering) correctionWords(u incident.Update) string {
	b := u.Before
	text := fmt.Sprintf("%s: sebelumnya %s (%s)", or(stageWords, b.Name), b.At.In(g.zone).Format("15:04:05"), or(evidenceWords, b.Evidence))
	if m := u.Milestone; m != nil {
		text += fmt.Sprintf(", menjadi %s (%s)", m.At.In(g.zone).Format("15:04:05"), or(evidenceWords, m.Evidence))
		if n := len(m.Was); n > 0 && m.Was[n-1].Reason != "" {
			text += ": " + or(reasonWords, m.Was[n-1].Reason)
		}
		return text
	}
	return text + ", dicabut"
}

// first is the Indonesian half of a text in two languages.
func first(text string) string {
	id, _, _ := strings.Cut(text, " / ")
	return id
}

// nearby is how old the unit's nearest fix may be to say where something was.
const nearby = 2 * time.Minute

// spot is where the unit was at the time of a line, from its track. Where a key says what the
// line tells, only the device that sent it knows where that was: another one of the unit may
// lie at the base.
func (g *gathering) spot(tracks []Track, l Line) *Spot {
	var best *TrackPoint
	device := g.keys[l.Report].Device
	for _, t := range tracks {
		if t.CallSign != l.Who {
			continue
		}
		for i := range t.Points {
			p := &t.Points[i]
			if device != "" && p.device != device {
				continue
			}
			if p.Report == l.Report {
				best = p
				break
			}
			if d := p.At.Sub(l.At).Abs(); d <= nearby && (best == nil || d < best.At.Sub(l.At).Abs()) {
				best = p
			}
		}
	}
	if best == nil {
		return nil
	}
	s := &Spot{Lat: best.Lat, Lon: best.Lon, AgeS: best.At.Sub(l.At).Abs().Truncate(time.Second).Seconds(), After: best.At.After(l.At)}
	g.measure(s)
	return s
}

func (g *gathering) measure(s *Spot) {
	if place := g.src.Incident.Location; place != nil {
		d := geo.Distance(orb.Point{s.Lon, s.Lat}, place.Point())
		s.FromSceneM = &d
	}
}
