package downlink

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// regions are the open incidents as phones are told to watch them.
type regions map[string]*watched

type watched struct {
	owntracks.Region
	located bool
	units   []string
	over    bool // closed or cancelled
}

// defaultRegionM is the radius, in metres, of a region whose incident has none of
// its own. Phones do not watch smaller circles reliably.
const defaultRegionM = 100

// regionLives is how long a region is worth sending.
const regionLives = time.Hour

// lesson is what phones of units must be told of one region.
type lesson struct {
	*watched
	units []string
	drop  bool
}

// act follows what changes an incident's region or who is sent there, and returns
// what must be told. A unit that is sent elsewhere is on its old incident no more.
func (r regions) act(act *incident.Act) []lesson {
	w := r[act.Incident]
	if act.Kind == incident.ActOpen && act.Opening != nil {
		w = &watched{Region: owntracks.Region{Name: act.Opening.Number, At: act.Opening.ReceivedAt}}
		w.place(act.Opening.Location)
		r[act.Incident] = w
		return nil
	}
	if w == nil {
		return nil
	}
	switch act.Kind {
	case incident.ActRelocate:
		w.place(act.Location)
		return []lesson{{w, slices.Clone(w.units), false}}
	case incident.ActDispatch:
		lessons := r.moved(act)
		w.units = append(slices.DeleteFunc(w.units, of(act.Units)), act.Units...)
		return append(lessons, lesson{w, act.Units, false})
	case incident.ActRelease:
		w.units = slices.DeleteFunc(w.units, of(act.Units))
		return []lesson{{w, act.Units, true}}
	case incident.ActClose, incident.ActCancel:
		w.over = true
		return []lesson{{w, slices.Clone(w.units), true}}
	case incident.ActMerge:
		return r.merged(w, act.Into)
	case incident.ActReopen:
		w.over = false
		return []lesson{{w, slices.Clone(w.units), false}}
	}
	return nil
}

// merged takes the units of a duplicate to the incident that goes on.
func (r regions) merged(w *watched, into string) []lesson {
	lessons := []lesson{{w, slices.Clone(w.units), true}}
	if on := r[into]; on != nil && on != w {
		on.units = append(slices.DeleteFunc(on.units, of(w.units)), w.units...)
		lessons = append(lessons, lesson{on, slices.Clone(w.units), false})
	}
	w.over, w.units = true, nil
	return lessons
}

// moved lists the regions that units leave by being sent to another, by name.
func (r regions) moved(act *incident.Act) []lesson {
	var out []lesson
	for id, w := range r {
		if id == act.Incident || w.over {
			continue
		}
		var gone []string
		for _, unit := range act.Units {
			if slices.Contains(w.units, unit) {
				gone = append(gone, unit)
			}
		}
		if len(gone) > 0 {
			w.units = slices.DeleteFunc(w.units, of(gone))
			out = append(out, lesson{w, gone, true})
		}
	}
	slices.SortFunc(out, func(a, b lesson) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func of(units []string) func(string) bool {
	return func(u string) bool { return slices.Contains(units, u) }
}

func (w *watched) place(l *incident.Location) {
	if l == nil || l.Vague(defaultRegionM) { // the phone would tell of an arrival in the middle of the village
		return
	}
	w.located, w.Centre, w.RadiusM = true, l.Point(), max(l.RadiusM, defaultRegionM)
}

// watch queues for the phones of units what they must be told of an incident's region.
func (d *Downlink) watch(act *incident.Act) []journal.Delivery {
	now := d.o.Now().UTC()
	var outcomes []journal.Delivery
	for _, l := range d.regions.act(act) {
		if !l.located {
			continue
		}
		for _, unit := range l.units {
			outcomes = append(outcomes, d.teach(act, l, unit, now)...)
		}
	}
	return outcomes
}

// teach queues one region for the phones of one unit. What was to be told of it
// before and is not yet sent, is sent no more.
func (d *Downlink) teach(act *incident.Act, l lesson, unit string, now time.Time) []journal.Delivery {
	var outcomes []journal.Delivery
	region, nth := l.Region, 0
	for _, device := range d.byID[unit].Devices {
		if device.Family() != "owntracks" {
			continue
		}
		link, reached := d.phoneLink(device)
		if !reached {
			continue
		}
		for _, r := range d.radios {
			outcomes = append(outcomes, r.queue.withdraw(func(o Order) bool {
				return o.Device == device && o.Region != nil && o.Region.Name == region.Name && o.Message != act.ID
			}, "overtaken by what came after it", now)...)
		}
		o := Order{Message: act.ID, Unit: unit, Device: device, Region: &region, Drop: l.drop, Text: "region " + region.Name, Expires: act.At.Add(regionLives)}
		if l.drop {
			o.Message, o.Text = o.Message+"+drop "+region.Name, "no region "+region.Name
		}
		if nth++; nth > 1 {
			o.Message += "+" + strconv.Itoa(nth)
		}
		if refused := d.radios[link].queue.add(o, now); refused != nil {
			outcomes = append(outcomes, *refused)
		}
	}
	return outcomes
}

// phoneLink is the link that heard a phone last, else the first that serves phones.
func (d *Downlink) phoneLink(device devices.Identity) (string, bool) {
	if r := d.radios[d.heard[device]]; r != nil && r.Dialect.Serves(device.Family()) {
		return r.Link, true
	}
	for _, r := range d.o.Radios {
		if r.Dialect.Serves(device.Family()) {
			return r.Link, true
		}
	}
	return "", false
}
