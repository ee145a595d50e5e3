package tracker_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// model says what must come of a set of events, as simply as can be: from scratch,
// over all of them, for every moment at which something became known. It keeps
// nothing between two moments but what a stage was before.
type model struct {
	acts    []*incident.Act // by their own time
	reports []*devices.Report
	unit    map[devices.Identity]string
	history map[string]*modelStage // by dispatching act and stage
	alerts  map[string]bool
	// inDoubt are the reports that came more than a minute after what they say, from devices that
	// had never come at once.
	inDoubt map[string]bool
}

// modelStage is a stage as it stands, and what it was.
type modelStage struct {
	unit string
	now  *incident.Milestone
	was  []string
}

type modelPart struct {
	unit, to, act string
	from, until   time.Time
	ended         string
	never         bool // sent when the incident was over
	done, atWork  bool
	corrections   []*incident.Act
	stages        map[incident.MilestoneName]*incident.Milestone
	progress      []time.Time
}

func newModel(s incident.Settings) *model {
	m := &model{unit: map[devices.Identity]string{}, history: map[string]*modelStage{}, alerts: map[string]bool{}, inDoubt: map[string]bool{}}
	for _, u := range s.Roster {
		for _, d := range u.Devices {
			m.unit[d] = u.ID
		}
	}
	return m
}

func before(t time.Time, id string, u time.Time, other string) bool {
	return t.Before(u) || t.Equal(u) && id <= other
}

// learnAll takes events in the order in which they became known.
func (m *model) learnAll(s incident.Settings, events []incident.Event) []modelPart {
	events = slices.Clone(events)
	known := func(e incident.Event) (time.Time, string) {
		if e.Act != nil {
			return e.Act.At, e.Act.ID
		}
		return e.Report.ReceivedAt, e.Report.ID
	}
	slices.SortFunc(events, func(a, b incident.Event) int {
		at, id := known(a)
		bt, other := known(b)
		if c := at.Compare(bt); c != 0 {
			return c
		}
		return strings.Compare(id, other)
	})
	var parts []modelPart
	for _, e := range events {
		if e.Act != nil {
			m.acts = append(m.acts, e.Act)
		} else {
			r := e.Report
			m.reports = append(m.reports, r)
			m.inDoubt[r.ID] = r.ReceivedAt.Sub(r.DeviceTime) > time.Minute && !slices.ContainsFunc(m.reports, func(o *devices.Report) bool {
				return o.Device == r.Device && o.ReceivedAt.Sub(o.DeviceTime) <= 5*time.Second
			})
		}
		slices.SortFunc(m.reports, func(a, b *devices.Report) int {
			if c := stands(a).Compare(stands(b)); c != 0 {
				return c
			}
			return strings.Compare(a.ID, b.ID)
		})
		parts = nil
		for _, u := range s.Roster {
			parts = append(parts, m.partsOf(u.ID)...)
		}
		at, _ := known(e)
		if e.Report != nil {
			m.outside(e.Report, parts)
		}
		for i := range parts {
			m.judge(s, &parts[i], at)
			m.remember(&parts[i])
		}
	}
	return parts
}

// outside asks the dispatcher about an arrival or completion that falls into no assignment, but
// would if its clock were off by what is known of it or, when nothing is, by its whole way here.
func (m *model) outside(r *devices.Report, parts []modelPart) {
	if r.Status != devices.StatusOnScene && r.Status != devices.StatusCompleted {
		return
	}
	var ways []time.Duration
	for _, o := range m.reports {
		if o.Device == r.Device {
			ways = append(ways, o.ReceivedAt.Sub(o.DeviceTime))
		}
	}
	least, agree := slices.Min(ways), 0
	for _, w := range ways {
		if w <= least+2*time.Second {
			agree++
		}
	}
	from, to := r.DeviceTime, r.ReceivedAt
	if agree >= 5 {
		from, to = from.Add(-2*time.Second), from.Add(least+2*time.Second)
	}
	var near *modelPart
	for i := range parts {
		p := &parts[i]
		if p.unit != m.unit[r.Device] {
			continue
		}
		if !stands(r).Before(p.from) && (p.until.IsZero() || stands(r).Before(p.until)) {
			return
		}
		if !p.from.After(to) && (p.until.IsZero() || !p.until.Before(from)) {
			near = p
		}
	}
	if near != nil {
		m.alert("key_outside", near, r.ID)
	}
}

// path is where an incident's units are at a moment: the incident, then what it was
// merged into.
func (m *model) path(id string, at time.Time, act string) []string {
	out := []string{id}
	for {
		into := ""
		for _, a := range m.acts {
			if a.Incident != out[len(out)-1] || !before(a.At, a.ID, at, act) {
				continue
			}
			if a.Kind == incident.ActMerge && a.Into != a.Incident {
				into = a.Into
			} else if a.Kind == incident.ActReopen {
				into = ""
			}
		}
		if into == "" || slices.Contains(out, into) {
			return out
		}
		out = append(out, into)
	}
}

// over tells whether an incident was closed or cancelled at a moment.
func (m *model) over(id string, at time.Time, act string) bool {
	over := false
	for _, a := range m.acts {
		if a.Incident == id && before(a.At, a.ID, at, act) {
			over = a.Kind != incident.ActReopen && (over || a.Kind == incident.ActClose || a.Kind == incident.ActCancel)
		}
	}
	return over
}

// stands is where a report stands among other events: a key whose report comes within
// the second that it was stamped with was pressed by then.
func stands(r *devices.Report) time.Time {
	if after := r.ReceivedAt.Sub(r.DeviceTime); r.Status != "" && after > 0 && after < time.Second {
		return r.ReceivedAt
	}
	return r.DeviceTime
}

func last[T any](s []T) T { return s[len(s)-1] }

func (m *model) partsOf(unit string) []modelPart {
	type moment struct {
		at  time.Time
		id  string
		act *incident.Act
		key devices.Status
	}
	var line []moment
	for _, a := range m.acts {
		line = append(line, moment{a.At, a.ID, a, ""})
	}
	for _, r := range m.reports {
		if m.unit[r.Device] == unit && r.Status != "" {
			line = append(line, moment{stands(r), r.ID, nil, r.Status})
		}
	}
	slices.SortFunc(line, func(a, b moment) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	var parts []modelPart
	for _, e := range line {
		var p *modelPart // the newest, and whether the unit is on it
		on := false
		if len(parts) > 0 {
			p = &parts[len(parts)-1]
			on = p.until.IsZero()
		}
		end := func(why string) { p.until, p.ended = e.at, why }
		if e.act == nil {
			if p != nil && (on || e.at.Before(p.until)) {
				switch e.key {
				case devices.StatusCompleted:
					p.done = true
				case devices.StatusOnScene, devices.StatusInProgress:
					if !p.atWork && !slices.ContainsFunc(p.corrections, func(c *incident.Act) bool { return c.Milestone == incident.Completed }) {
						p.done = false // that was before it arrived
					}
					p.atWork = true
				}
				if on && p.done && e.key == devices.StatusAvailable {
					end("free")
				}
			}
			continue
		}
		mine := slices.Contains(e.act.Units, unit)
		is := func(id string) []string { return m.path(id, e.at, e.id) }
		switch e.act.Kind {
		case incident.ActDispatch:
			if !mine || on && last(is(p.to)) == last(is(e.act.Incident)) {
				continue
			}
			n := modelPart{unit: unit, to: e.act.Incident, act: e.act.ID, from: e.at}
			switch over := m.over(last(is(n.to)), e.at, e.id); {
			case over && on:
				continue
			case over:
				n.until, n.ended, n.never = e.at, "closed", true
			case on:
				end("moved")
			}
			parts = append(parts, n)
		case incident.ActRelease:
			if mine && on && slices.Contains(is(p.to), e.act.Incident) {
				end("released")
			}
		case incident.ActClose, incident.ActCancel:
			if on && last(is(p.to)) == e.act.Incident {
				end("closed")
			}
		case incident.ActReopen:
			if p != nil && p.ended == "closed" && last(is(p.to)) == e.act.Incident {
				p.until, p.ended, p.never = time.Time{}, "", false
			}
		case incident.ActCorrect:
			// It is about the time that it names: of two, about the one that is nearer, or
			// the later one.
			var about *modelPart
			var best time.Duration
			for i := range parts {
				q := &parts[i]
				if !mine || q.never || !slices.Contains(is(q.to), e.act.Incident) {
					continue
				}
				off := max(0, q.from.Sub(e.act.MilestoneAt))
				if !q.until.IsZero() {
					off = max(off, e.act.MilestoneAt.Sub(q.until.Add(-1)))
				}
				if about == nil || off <= best {
					about, best = q, off
				}
			}
			if about != nil {
				about.corrections = append(about.corrections, e.act)
				about.done = about.done || e.act.Milestone == incident.Completed
			}
		}
	}
	return parts
}

// area is where the incidents of an assignment are, as far as is known.
func (m *model) area(s incident.Settings, p *modelPart) geo.Area {
	var out geo.Area
	end := last(m.acts)
	for _, id := range m.path(p.to, end.At, end.ID) {
		var place *incident.Location
		for _, a := range m.acts {
			if a.Incident == id && a.Kind == incident.ActOpen {
				place = a.Opening.Location
			} else if a.Incident == id && a.Kind == incident.ActRelocate {
				place = a.Location
			}
		}
		if place != nil {
			out = out.Or(geo.Circle(place.Point(), s.Arrival.RadiusM))
		}
	}
	return out
}

func (m *model) alert(kind string, p *modelPart, report string) {
	m.alerts[fmt.Sprintf("%s %s [%s]", kind, p.unit, report)] = true
}

func (m *model) judge(s incident.Settings, p *modelPart, now time.Time) {
	p.stages = map[incident.MilestoneName]*incident.Milestone{}
	if p.progress = nil; p.never {
		return
	}
	set := func(name incident.MilestoneName, at time.Time, by incident.Evidence, report string, sure float64) *incident.Milestone {
		if by == incident.ByKey && at.Before(p.from) {
			at = p.from // within the second of the order
		}
		p.stages[name] = &incident.Milestone{Name: name, Unit: p.unit, At: at, Evidence: by, Report: report, Confidence: sure}
		return p.stages[name]
	}
	set(incident.Dispatched, p.from, incident.ByDispatcher, p.act, 1)
	var keys, fixes []*devices.Report
	for _, r := range m.reports {
		if m.unit[r.Device] != p.unit || stands(r).Before(p.from) || !p.until.IsZero() && !stands(r).Before(p.until) {
			continue
		}
		if r.Status != "" {
			keys = append(keys, r)
		} else {
			fixes = append(fixes, r)
		}
	}
	first := func(status devices.Status, from time.Time) *devices.Report {
		for _, k := range keys {
			if k.Status == status && !stands(k).Before(from) {
				return k
			}
		}
		return nil
	}
	area := m.area(s, p)
	// Every device of the unit has its own way; the unit is there with the first of them.
	stays := map[devices.Identity]*geo.Stay{}
	for _, f := range fixes {
		if area.IsZero() {
			break
		}
		if stays[f.Device] == nil {
			stay := geo.NewStay(&s.Arrival, &area)
			stays[f.Device] = &stay
		}
		stays[f.Device].Feed(f.Fix, f.DeviceTime, f.ID)
	}
	key := first(devices.StatusOnScene, p.from)
	var fence geo.Arrival
	var parkedAt time.Time
	var parkedBy string
	for _, stay := range stays {
		a := stay.Arrived()
		if !a.IsZero() && (fence.IsZero() || before(a.At, a.By, fence.At, fence.By)) {
			fence = a
		}
		at, by := stay.Parked()
		if !at.IsZero() && (key == nil || key.DeviceTime.Sub(a.At) >= s.Arrival.Parked) && (parkedBy == "" || before(at, by, parkedAt, parkedBy)) {
			parkedAt, parkedBy = at, by
		}
	}
	// A key pressed far away counts only when nothing else says that the unit is there: neither
	// a place nor another key.
	var heardBefore time.Time
	for _, stay := range stays {
		if a := stay.Arrived(); a.At.Sub(fence.At) <= 3*time.Minute && a.After.After(heardBefore) {
			heardBefore = a.After
		}
	}
	seldom := !heardBefore.IsZero() && fence.At.Sub(heardBefore) > 3*time.Minute
	far, farKey := false, key
	if key != nil && m.farFrom(s, area, key.Device, key.DeviceTime) {
		far = true
		m.alert("key_far_away", p, key.ID)
		key = nil
		for _, k := range keys {
			if k.Status == devices.StatusOnScene && !stands(k).Before(p.from) && !m.farFrom(s, area, k.Device, k.DeviceTime) &&
				(fence.IsZero() || !k.DeviceTime.After(fence.At)) {
				key = k
				break
			}
		}
		if key == nil && fence.IsZero() {
			key = farKey
		}
	}
	corrected := func(name incident.MilestoneName) *incident.Act {
		var out *incident.Act
		for _, c := range p.corrections {
			if c.Milestone == name {
				out = c
			}
		}
		return out
	}
	arrived := corrected(incident.OnScene)
	if parkedBy != "" && arrived == nil {
		m.alert("parked_no_key", p, parkedBy)
	}
	var onScene *incident.Milestone
	switch {
	case key != nil && (fence.IsZero() || !fence.At.Before(key.DeviceTime)):
		onScene = set(incident.OnScene, key.DeviceTime, incident.ByKey, key.ID, 0.9)
		onScene.Verdict = incident.KeyOnly
	case !fence.IsZero():
		onScene = set(incident.OnScene, fence.At, incident.ByGeofence, fence.By, 0.8)
		onScene.Verdict = incident.GPSOnly
	}
	// A clock of which little is known: a key that waited may as well have a wrong one, and the
	// fence sets the time when it agrees with what the key says or with when it came.
	doubted := key != nil && m.inDoubt[key.ID]
	fenceDoubted := !fence.IsZero() && m.inDoubt[fence.By]
	switch {
	case key != nil && !fence.IsZero():
		off := fence.At.Sub(key.DeviceTime).Abs()
		onScene.Verdict, onScene.Confidence = incident.Confirmed, 1
		late := fence.At.Sub(key.ReceivedAt).Abs() <= 3*time.Minute
		if yields := doubted && !fenceDoubted; yields && (off <= 3*time.Minute || late) {
			onScene = set(incident.OnScene, fence.At, incident.ByGeofence, fence.By, 1)
			if onScene.Verdict = incident.Confirmed; off > 3*time.Minute {
				onScene.Confidence = 0.5
			}
		} else if off > 3*time.Minute {
			far = true
		} else if doubted {
			onScene.Confidence = 0.5
		}
	case doubted || fenceDoubted:
		onScene.Confidence = 0.5
	}
	if seldom && onScene.Evidence == incident.ByGeofence {
		onScene.Confidence = min(onScene.Confidence, 0.5)
	}
	if far {
		onScene.Verdict, onScene.Confidence = incident.Conflict, 0.3
	}
	var at time.Time
	if onScene != nil {
		at = onScene.At
	}
	if arrived != nil {
		at = arrived.MilestoneAt
	}
	for status, name := range map[devices.Status]incident.MilestoneName{devices.StatusAcknowledged: incident.Acknowledged, devices.StatusEnRoute: incident.EnRoute} {
		if k := first(status, p.from); k != nil && !at.IsZero() && k.DeviceTime.After(at) {
			m.alert("out_of_order", p, k.ID)
		} else if k != nil {
			set(name, k.DeviceTime, incident.ByKey, k.ID, 0.9)
		}
	}
	if k := first(devices.StatusInProgress, p.from); k != nil && k.DeviceTime.Before(at) && (arrived != nil || onScene.Evidence == incident.ByKey) {
		m.alert("out_of_order", p, k.ID)
	}
	// Done is who says so after arriving and reports no more work: of several "completed" the
	// first after the last report of work that another one follows.
	done := func(since time.Time) (out *devices.Report, working bool) {
		for i, k := range keys {
			if k.Status != devices.StatusCompleted || stands(k).Before(since) {
				continue
			}
			work, again := -1, false
			for j := i + 1; j < len(keys); j++ {
				switch keys[j].Status {
				case devices.StatusOnScene, devices.StatusInProgress:
					work = j
				case devices.StatusCompleted:
					again = again || work >= 0
				}
			}
			if again {
				continue
			}
			if farKey != nil && slices.Index(keys, farKey) > i {
				return nil, false
			}
			return k, work >= 0
		}
		return nil, false
	}
	if k := first(devices.StatusCompleted, p.from); k != nil {
		good, working := done(at)
		var machine time.Time
		if onScene != nil {
			machine = onScene.At
		}
		late, lateWorking := done(machine)
		sure := 0.9
		switch {
		case !at.IsZero() && good != nil:
			if working {
				sure = 0.3
			}
			if stands(k).Before(at) {
				m.alert("out_of_order", p, k.ID)
			}
			set(incident.Completed, good.DeviceTime, incident.ByKey, good.ID, sure)
		default:
			m.alert("out_of_order", p, k.ID)
			if late != nil && (!machine.IsZero() || !lateWorking) {
				set(incident.Completed, late.DeviceTime, incident.ByKey, late.ID, 0.3)
			}
		}
	}
	p.progress = nil
	for _, k := range keys {
		if k.Status == devices.StatusInProgress && (len(p.progress) == 0 || k.DeviceTime.Sub(last(p.progress)) >= incident.DefaultRetryWindow) {
			at := k.DeviceTime
			if at.Before(p.from) {
				at = p.from
			}
			p.progress = append(p.progress, at)
		}
	}
	for _, c := range p.corrections {
		set(c.Milestone, c.MilestoneAt, incident.ByDispatcher, c.ID, 0.8).Verdict = incident.Corrected
	}
}

// farFrom tells whether the device's fix nearest in time, at most two minutes off, lies
// more than a kilometre outside. A fix at which the device cannot have been, after the one
// before and with the one after, says nothing.
func (m *model) farFrom(s incident.Settings, area geo.Area, device devices.Identity, at time.Time) bool {
	var near []*devices.Report
	for _, r := range m.reports {
		if r.Device == device && r.Fix != nil && r.DeviceTime.Sub(at).Abs() <= 2*time.Minute {
			near = append(near, r)
		}
	}
	impossible := func(a, b *devices.Report) bool {
		return s.Arrival.Jump(a.Fix.Point, b.Fix.Point, b.DeviceTime.Sub(a.DeviceTime))
	}
	var best *devices.Report
	for i, r := range near {
		if i > 0 && impossible(near[i-1], r) && (r == last(near) || impossible(r, near[i+1])) {
			continue
		}
		// Of two that are equally near, the later one speaks.
		if best == nil || r.DeviceTime.Sub(at).Abs() <= best.DeviceTime.Sub(at).Abs() {
			best = r
		}
	}
	return best != nil && !area.IsZero() && area.Outside(best.Fix.Point) > 1000
}

// remember notes what every stage was before.
func (m *model) remember(p *modelPart) {
	for _, name := range []incident.MilestoneName{incident.Dispatched, incident.Acknowledged, incident.EnRoute, incident.OnScene, incident.Completed} {
		h := m.history[p.act+" "+string(name)]
		if h == nil {
			h = &modelStage{unit: p.unit}
			m.history[p.act+" "+string(name)] = h
		}
		is := p.stages[name]
		if h.now != nil && (is == nil || !is.At.Equal(h.now.At) || is.Evidence != h.now.Evidence || is.Report != h.now.Report) {
			h.was = append(h.was, fmt.Sprintf("%s %s [%s]", clockTime(h.now.At), h.now.Evidence, h.now.Report))
		}
		h.now = is
	}
}

// tell writes an incident as the model has it, with tracker's own words for the rest.
func (m *model) tell(s incident.Settings, id string, parts []modelPart) string {
	var b strings.Builder
	c := sop.Course{}
	merged, end := false, last(m.acts)
	for _, a := range m.acts {
		if a.Incident != id {
			// Of a duplicate only the call counts, when it came earlier.
			if a.Kind == incident.ActOpen && last(m.path(a.Incident, end.At, end.ID)) == id && (c.ReceivedAt.IsZero() || a.Opening.ReceivedAt.Before(c.ReceivedAt)) {
				c.ReceivedAt = a.Opening.ReceivedAt
			}
			continue
		}
		switch a.Kind {
		case incident.ActOpen:
			c.Category = a.Opening.Category
			if c.ReceivedAt.IsZero() || a.Opening.ReceivedAt.Before(c.ReceivedAt) {
				c.ReceivedAt = a.Opening.ReceivedAt
			}
		case incident.ActClose, incident.ActCancel:
			if c.ClosedAt.IsZero() {
				c.ClosedAt, c.Cancelled = a.At, a.Kind == incident.ActCancel // closing once more is no act
			}
		case incident.ActReopen:
			c.ClosedAt, c.Cancelled, merged = time.Time{}, false, false
		case incident.ActMerge:
			merged = merged || a.Into != id
		case incident.ActDispatch:
			c.Reviews = append(c.Reviews, a.At)
		}
	}
	if merged {
		return "merged"
	}
	slices.SortFunc(parts, func(a, b modelPart) int {
		if n := a.from.Compare(b.from); n != 0 {
			return n
		}
		return strings.Compare(a.unit, b.unit)
	})
	var lines []string
	for _, p := range parts {
		if p.never || last(m.path(p.to, end.At, end.ID)) != id {
			continue
		}
		at := func(name incident.MilestoneName) time.Time {
			if k := p.stages[name]; k != nil {
				return k.At
			}
			return time.Time{}
		}
		u := sop.UnitCourse{
			Unit: p.unit, Dispatched: at(incident.Dispatched), Acknowledged: at(incident.Acknowledged), EnRoute: at(incident.EnRoute),
			OnScene: at(incident.OnScene), Completed: at(incident.Completed), Progress: p.progress,
		}
		if p.ended == "released" || p.ended == "moved" {
			u.Ended, u.EndedBy = p.until, sop.Cut(p.ended)
		}
		c.Units = append(c.Units, u)
		if d := u.Dispatched; c.DispatchedAt.IsZero() || d.Before(c.DispatchedAt) {
			c.DispatchedAt = d
		}
		for _, k := range p.stages {
			lines = append(lines, tellModelStage(k, m.history[p.act+" "+string(k.Name)].was))
		}
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, ""))
	for _, iv := range s.Plan.Intervals(c) {
		tellInterval(&b, iv)
	}
	return b.String()
}

func tellModelStage(k *incident.Milestone, was []string) string {
	return fmt.Sprintf("%s %s %s %s [%s] %.1f %s, was %v\n", k.Unit, k.Name, clockTime(k.At), k.Evidence, k.Report, k.Confidence, k.Verdict, was)
}
