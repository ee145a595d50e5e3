package trace

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/geo"
)

// escaped shows a frame as text that a terminal cannot be misled by.
func escaped(raw []byte) string {
	q := strconv.QuoteToASCII(string(raw))
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

// printer writes lines and keeps the first error.
type printer struct {
	out  io.Writer
	zone *time.Location
	err  error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// clock is a time in the reader's zone, to the millisecond.
func (p *printer) clock(t time.Time) string {
	return t.In(p.zone).Format("2006-01-02 15:04:05.000 MST")
}

// WriteText prints the trace for people, times in the given zone. Whatever a device
// said is escaped.
func (t *Trace) WriteText(w io.Writer, zone *time.Location) error {
	p := &printer{out: w, zone: zone}
	p.line("report %s", t.Report.ID)
	t.writeFrame(p)
	t.writeHearings(p)
	t.writeTimes(p)
	t.writeUpdates(p)
	t.writeSinks(p)
	p.line("sent back")
	for _, d := range t.Deliveries {
		line := fmt.Sprintf("  %s  %s to %s over %s", p.clock(d.At), d.State, escaped([]byte(d.Device)), cmp.Or(d.Link, "no link"))
		if d.Text != "" {
			line += fmt.Sprintf(", %q", d.Text)
		}
		if d.Why != "" {
			line += fmt.Sprintf(": %q", d.Why)
		}
		p.line("%s", line)
	}
	if len(t.Deliveries) == 0 {
		p.line("  nothing")
	}
	return p.err
}

func (t *Trace) writeFrame(p *printer) {
	r := t.Report
	p.line("frame")
	p.line("  %s  (%s, %d bytes)", t.RawText, r.Protocol, len(r.Raw))
	said := []string{string(r.Kind)}
	if r.StatusCode != "" {
		said = append(said, fmt.Sprintf("code %q, status %q", r.StatusCode, string(r.Status)))
	}
	switch r.Change {
	case devices.ChangeUnmoved:
		said = append(said, "no press, the device stood there already")
	case devices.ChangeSameBurst:
		said = append(said, "no press, another header of the burst reported it")
	}
	if r.Emergency {
		said = append(said, "EMERGENCY")
	}
	if r.Text != "" {
		said = append(said, fmt.Sprintf("text %q", r.Text))
	}
	if f := r.Fix; f != nil {
		fix := fmt.Sprintf("at %.5f, %.5f", f.Point.Lat(), f.Point.Lon())
		if f.Forgotten {
			fix = "at a place that was forgotten after its time"
		}
		if f.NoLock {
			fix += " without satellites"
		}
		said = append(said, fix)
	}
	p.line("  says: %s", strings.Join(said, "; "))
	p.line("  device %s, identity %s", cmp.Or(escaped([]byte(r.Device)), "(nobody named)"), assurance(r.Assurance))
}

// assurance says in words what stands behind an identity.
func assurance(a devices.Assurance) string {
	switch a {
	case devices.AssuranceAuthenticated:
		return "proved by the device's own password or token"
	case devices.AssuranceNetwork:
		return "vouched for by its network"
	case devices.AssuranceClaimed:
		return "claimed: anybody with the equipment can send it"
	}
	return "not stated"
}

func (t *Trace) writeHearings(p *printer) {
	p.line("heard by")
	first := t.Heard[0].ReceivedAt
	for _, h := range t.Heard {
		line := fmt.Sprintf("  %s  %s", p.clock(h.ReceivedAt), h.Link)
		if h.Via != "" {
			line += " by way of " + escaped([]byte(h.Via))
		}
		if level, known := h.RSSIdBm.Value(); known {
			line += fmt.Sprintf(", %.0f dBm", level)
		}
		if d := h.ReceivedAt.Sub(first); d != 0 {
			line += fmt.Sprintf(" (%+.3f s)", d.Seconds())
		}
		p.line("%s", line)
	}
}

func (t *Trace) writeTimes(p *printer) {
	r := t.Report
	p.line("times")
	if t.DeviceClockS != nil {
		p.line("  device     %s, by the device's own clock, %.3f s before reception", p.clock(r.DeviceTime), *t.DeviceClockS)
		if r.ClockNote != "" {
			p.line("             note on that clock: %s", r.ClockNote)
		}
	} else {
		p.line("  device     told no time")
	}
	where := ""
	if r.Site != "" {
		where = " at site " + r.Site + ", by the site's clock" + seconds(r.SiteClockS, "which was %+.3f s against the centre's")
	}
	p.line("  received   %s%s", p.clock(r.ReceivedAt), where)
	if !r.ArrivedAt.IsZero() {
		p.line("  arrived    %s, at the centre", p.clock(r.ArrivedAt))
	}
	p.line("  journaled  %s, entry %d, %.3f s after", p.clock(t.JournaledAt), t.Entry, t.JournalS)
}

func seconds(r geo.Reading, format string) string {
	v, known := r.Value()
	if !known {
		return ""
	}
	return ", " + fmt.Sprintf(format, v)
}

func (t *Trace) writeUpdates(p *printer) {
	p.line("tracker")
	for i := range t.Updates {
		u := &t.Updates[i]
		line := fmt.Sprintf("  %-6d %-9s %s", u.Seq, u.Kind, p.clock(u.At))
		if u.CallSign != "" {
			line += "  " + u.CallSign
		}
		if u.Number != "" {
			line += ", incident " + u.Number
		}
		if said := outcome(u); said != "" {
			line += ": " + said
		}
		if u.JournalSeq != t.Entry {
			line += fmt.Sprintf(" (made known by entry %d)", u.JournalSeq)
		}
		p.line("%s", line)
	}
	switch {
	case len(t.Updates) > 0:
	case t.Folded < t.Entry:
		p.line("  nothing yet: the newest update is of entry %d", t.Folded)
	default:
		p.line("  nothing: it changes no unit and no incident")
	}
}

// outcome says in a few words what an update says.
func outcome(u *incident.Update) string {
	switch {
	case u.Milestone != nil:
		m := u.Milestone
		said := fmt.Sprintf("%s, known by %s, confidence %.2f", m.Name, m.Evidence, m.Confidence)
		if m.Verdict != "" {
			said += ", " + m.Verdict
		}
		return said
	case u.Kind == incident.UpdateCorrected && u.Before != nil:
		return string(u.Before.Name) + " withdrawn"
	case u.Interval != nil:
		return fmt.Sprintf("%s %.1f s", u.Interval.Name, u.Interval.Seconds())
	case u.BeforeInterval != nil:
		return string(u.BeforeInterval.Name) + " withdrawn"
	case u.Alert != nil:
		return fmt.Sprintf("%s, %q", u.Alert.Kind, u.Alert.Text)
	case u.Alarm != nil:
		return fmt.Sprintf("%s of %s, %s", u.Alarm.Kind, u.Alarm.Clock, u.Alarm.Change)
	case u.Delivery != nil:
		return u.Delivery.State
	case u.Status != "" || u.StatusCode != "":
		return fmt.Sprintf("%s (code %q)", u.Status, u.StatusCode)
	case u.SetAside != "":
		return "position set aside: " + string(u.SetAside)
	case u.Text != "":
		return strconv.Quote(u.Text)
	}
	return ""
}

func (t *Trace) writeSinks(p *printer) {
	p.line("sinks")
	for _, s := range t.Sinks {
		state := "done"
		if s.Waiting > 0 {
			state = fmt.Sprintf("%d of %d still to come", s.Waiting, s.Done+s.Waiting)
		}
		p.line("  %-20s at update %d: %s", s.Name, s.Cursor, state)
	}
	if len(t.Sinks) == 0 {
		p.line("  none has begun")
	}
}
