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

// regions are the open incidents that phones watch, by id.
type regions map[string]*watchedRegion

type watchedRegion struct {
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

// notice is a change of one region that phones of units have not heard of.
type notice struct {
	*watchedRegion
	units []string
	drop  bool
}

// act follows what changes an incident's region or who is sent there, and returns
// the notices of it. A unit that is sent elsewhere is on its old incident no more.
func (r regions) act(act *incident.Act) []notice {
	w := r[act.Incident]
	if act.Kind == incident.ActOpen && act.Opening != nil {
		w = &watchedRegion{Region: owntracks.Region{Name: act.Opening.Number, At: act.Opening.ReceivedAt}}
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
		return []notice{{w, slices.Clone(w.units), false}}
	case incident.ActDispatch:
		notices := r.moved(act)
		w.units = append(slices.DeleteFunc(w.units, of(act.Units)), act.Units...)
		return append(notices, notice{w, act.Units, false})
	case incident.ActRelease:
		w.units = slices.DeleteFunc(w.units, of(act.Units))
		return []notice{{w, act.Units, true}}
	case incident.ActClose, incident.ActCancel:
		w.over = true
		return []notice{{w, slices.Clone(w.units), true}}
	case incident.ActMerge:
		return r.merged(w, act.Into)
	case incident.ActReopen:
		w.over = false
		return []notice{{w, slices.Clone(w.units), false}}
	}
	return nil
}

// merged takes the units of a duplicate to the incident that goes on.
func (r regions) merged(w *watchedRegion, into string) []notice {
	notices := []notice{{w, slices.Clone(w.units), true}}
	if on := r[into]; on != nil && on != w {
		on.units = append(slices.DeleteFunc(on.units, of(w.units)), w.units...)
		notices = append(notices, notice{on, slices.Clone(w.units), false})
	}
	w.over, w.units = true, nil
	return notices
}

// moved lists the regions that units leave by being sent to another, by name.
func (r regions) moved(act *incident.Act) []notice {
	var out []notice
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
			out = append(out, notice{w, gone, true})
		}
	}
	slices.SortFunc(out, func(a, b notice) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func of(units []string) func(string) bool {
	return func(u string) bool { return slices.Contains(units, u) }
}

func (w *watchedRegion) place(l *incident.Location) {
	if l == nil || l.Vague(defaultRegionM) { // the phone would report an arrival in the middle of the village
		return
	}
	w.located, w.Centre, w.RadiusM = true, l.Point(), max(l.RadiusM, defaultRegionM)
}

// watch queues for the phones of units what changes of an incident's region.
func (d *Downlink) watch(act *incident.Act) []journal.Delivery {
	now := d.o.Now().UTC()
	var outcomes []journal.Delivery
	for _, l := range d.regions.act(act) {
		if !l.located {
			continue
		}
		for _, unit := range l.units {
			outcomes = append(outcomes, d.queueRegion(act, l, unit, now)...)
		}
	}
	return outcomes
}

// queueRegion queues one region for the phones of one unit. An older notice of it that
// was not sent yet is withdrawn.
func (d *Downlink) queueRegion(act *incident.Act, l notice, unit string, now time.Time) []journal.Delivery {
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
