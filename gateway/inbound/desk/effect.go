package desk

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// Effect is what a correction would change: a clock of the procedure or an interval, as
// it stands and as it would stand.
type Effect struct {
	// Name is the clock's or the interval's.
	Name string `json:"name"`
	Unit string `json:"unit,omitzero"`
	// Before and After are nil where there is no such clock or interval.
	Before *Judged `json:"before"`
	After  *Judged `json:"after"`
	// Text says it in Indonesian and English.
	Text string `json:"text"`
}

// Judged is a clock or an interval as it stands.
type Judged struct {
	// State is a clock's: running, warning, met or breached; of an interval with a limit
	// met or breached, of one without it empty, of one that ends before it starts
	// "contradictory".
	State string `json:"state,omitzero"`
	// Seconds is how long it took, or has been running.
	Seconds float64     `json:"seconds"`
	LimitS  geo.Reading `json:"limit_s,omitzero"`
}

// course is what is known of an incident's times; those of a duplicate are where it
// survives.
func (d *Desk) course(in incident.Incident) (sop.Course, bool) {
	if in.MergedInto != "" {
		return d.state.Course(in.MergedInto)
	}
	return d.state.Course(in.ID)
}

// meant is the index of the assignment of the course that a correction is about, -1 for
// one of the whole incident: the one in which the time falls, else the unit's first.
func meant(c sop.Course, k Correction) int {
	found := -1
	for i, u := range c.Units {
		if u.Unit == k.Unit && k.Unit != "" && (found < 0 || !u.Dispatched.After(k.At)) {
			found = i
		}
	}
	return found
}

// milestoneAt is one milestone with its place in the order of the procedure.
type milestoneAt struct {
	name  incident.MilestoneName
	order int
	at    time.Time
}

func orderOf(name incident.MilestoneName) int {
	switch name {
	case incident.Received:
		return -1
	case incident.Closed:
		return len(ofUnit)
	}
	return slices.Index(ofUnit, name)
}

// neighbours are the times that stand beside those of an assignment: its own, and the
// incident's. Beside the incident's own stand all.
func neighbours(c sop.Course, i int) []milestoneAt {
	var out []milestoneAt
	add := func(name incident.MilestoneName, at time.Time) {
		out = append(out, milestoneAt{name, orderOf(name), at})
	}
	add(incident.Received, c.ReceivedAt)
	for n, u := range c.Units {
		if i >= 0 && i != n {
			continue
		}
		add(incident.Dispatched, u.Dispatched)
		add(incident.Acknowledged, u.Acknowledged)
		add(incident.EnRoute, u.EnRoute)
		add(incident.OnScene, u.OnScene)
		add(incident.Completed, u.Completed)
	}
	add(incident.Closed, c.ClosedAt)
	return out
}

// corrected is the course as a correction would make it.
func corrected(c sop.Course, k Correction) sop.Course {
	at := k.At.UTC()
	switch k.Milestone {
	case incident.Received:
		c.ReceivedAt = at
	case incident.Closed:
		if !c.ClosedAt.IsZero() {
			c.ClosedAt = at
		}
	}
	i := meant(c, k)
	if i < 0 {
		return c
	}
	c.Units = slices.Clone(c.Units)
	u := &c.Units[i]
	switch k.Milestone {
	case incident.Dispatched:
		u.Dispatched = at
		c.DispatchedAt = time.Time{}
		for _, u := range c.Units {
			if c.DispatchedAt.IsZero() || u.Dispatched.Before(c.DispatchedAt) {
				c.DispatchedAt = u.Dispatched
			}
		}
	case incident.Acknowledged:
		u.Acknowledged = at
	case incident.EnRoute:
		u.EnRoute = at
	case incident.OnScene:
		u.OnScene = at
	case incident.InProgress:
		u.Progress = append(slices.Clone(u.Progress), at)
		slices.SortFunc(u.Progress, time.Time.Compare)
	case incident.Completed:
		u.Completed = at
	}
	return c
}

// effects are what a correction would change.
func (d *Desk) effects(in incident.Incident, k Correction, now time.Time) []Effect {
	course, known := d.course(in)
	if !known {
		return nil
	}
	was, order := d.judged(course, now)
	is, more := d.judged(corrected(course, k), now)
	for _, key := range more {
		if was[key] == nil {
			order = append(order, key)
		}
	}
	var out []Effect
	for _, key := range order {
		before, after := was[key], is[key]
		if before != nil && after != nil && before.Judged == after.Judged {
			continue
		}
		out = append(out, effect(before, after))
	}
	return out
}

// judgement is one clock or interval of an incident.
type judgement struct {
	name, unit string
	Judged
}

// judged is every clock and interval of a course by what it measures, in order.
func (d *Desk) judged(c sop.Course, now time.Time) (out map[string]*judgement, order []string) {
	out = map[string]*judgement{}
	count := map[string]int{}
	add := func(j judgement) {
		base := j.name + "/" + j.unit + "/"
		count[base]++
		key := base + strconv.Itoa(count[base])
		out[key] = &j
		order = append(order, key)
	}
	clocks := map[string]bool{}
	for _, r := range d.o.Plan.Runs(c) {
		j := judgement{name: string(r.Name), unit: r.Unit, Judged: Judged{State: string(sop.Running), LimitS: geo.Measured(r.Limit.Seconds())}}
		end := r.StoppedAt
		if end.IsZero() {
			end = now
		} else {
			j.State = string(sop.Met)
		}
		length := end.Sub(r.StartedAt)
		switch {
		case length < 0:
			j.State = "contradictory"
		case length > r.Limit:
			j.State = string(sop.Breached)
		}
		j.Seconds = length.Round(time.Second).Seconds()
		clocks[j.name] = true
		add(j)
	}
	for _, iv := range d.o.Plan.Intervals(c) {
		if clocks[string(iv.Name)] {
			continue
		}
		j := judgement{name: string(iv.Name), unit: iv.Unit, Judged: Judged{Seconds: iv.To.Sub(iv.From).Round(time.Second).Seconds()}}
		if limit := d.o.Plan.At(c.ReceivedAt).Targets[iv.Name]; limit > 0 {
			j.LimitS = geo.Measured(limit.Seconds())
			j.State = string(sop.Breached)
			if iv.Within {
				j.State = string(sop.Met)
			}
		}
		if iv.Contradictory {
			j.State = "contradictory"
		}
		add(j)
	}
	return out, order
}

// The rows of the procedure that have a clock (firmware-notes/sop.md).
var rows = map[string]string{
	string(sop.OnSceneUpdate): "SOP 9 ", string(sop.ProgressUpdate): "SOP 10 ", string(sop.Monitoring): "SOP 11 ", string(sop.Closing): "SOP 13 ", string(sop.WholeFlow): "SOP ",
}

// words are the states in Indonesian.
var words = map[string]string{
	string(sop.Running): "berjalan", string(sop.Met): "dipenuhi", string(sop.Breached): "dilanggar", "contradictory": "bertentangan",
}

func effect(before, after *judgement) Effect {
	about := after
	if about == nil {
		about = before
	}
	e := Effect{Name: about.name, Unit: about.unit}
	inWords := func(j *judgement) (id, en string) {
		if j == nil {
			return "tidak ada", "none"
		}
		length := time.Duration(j.Seconds * float64(time.Second)).String()
		if j.State == "" {
			return length, length
		}
		return words[j.State] + " " + length, j.State + " " + length
	}
	if before != nil {
		e.Before = &before.Judged
	}
	if after != nil {
		e.After = &after.Judged
	}
	wasID, wasEN := inWords(before)
	isID, isEN := inWords(after)
	name := rows[e.Name] + e.Name
	if e.Unit != "" {
		name += " " + e.Unit
	}
	e.Text = fmt.Sprintf("%s: %s menjadi %s / %s would become %s", name, wasID, isID, wasEN, isEN)
	return e
}
