package downlink

import (
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/devices/owntracks"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// regions are the open incidents as phones are told to watch them.
type regions map[string]*watched

type watched struct {
	owntracks.Region
	located bool
	units   []string
}

// defaultRegionM is the radius, in metres, of a region whose incident has none of
// its own. Phones do not watch smaller circles reliably.
const defaultRegionM = 100

// regionLives is how long a region is worth sending.
const regionLives = time.Hour

// act follows what changes an incident's region or who is sent there, and returns
// the units that must be told.
func (r regions) act(act *incident.Act) (told *watched, units []string) {
	switch act.Kind {
	case incident.ActOpen:
		if o := act.Opening; o != nil {
			r[act.Incident] = &watched{Region: owntracks.Region{Name: o.Number, At: o.ReceivedAt}}
			r[act.Incident].place(o.Location)
		}
	case incident.ActRelocate:
		if w := r[act.Incident]; w != nil {
			w.place(act.Location)
			return w, w.units
		}
	case incident.ActDispatch:
		if w := r[act.Incident]; w != nil {
			w.units = append(w.units, act.Units...)
			return w, act.Units
		}
	case incident.ActRelease:
		if w := r[act.Incident]; w != nil {
			w.units = slices.DeleteFunc(w.units, func(u string) bool { return slices.Contains(act.Units, u) })
		}
	case incident.ActClose, incident.ActCancel:
		delete(r, act.Incident)
	}
	return nil, nil
}

func (w *watched) place(l *incident.Location) {
	if l == nil {
		return
	}
	w.located, w.Centre, w.RadiusM = true, l.Point(), max(l.RadiusM, defaultRegionM)
}

// watch queues an incident's region for the phones of the units that are sent there.
func (d *Downlink) watch(act *incident.Act) []journal.Delivery {
	w, units := d.regions.act(act)
	if w == nil || !w.located {
		return nil
	}
	now := d.o.Now().UTC()
	var outcomes []journal.Delivery
	for _, unit := range units {
		for _, device := range d.byID[unit].Devices {
			if device.Family() != "owntracks" {
				continue
			}
			link, reached := d.phoneLink(device)
			if !reached {
				continue
			}
			region := w.Region
			o := Order{Message: act.ID, Unit: unit, Device: device, Region: &region, Text: "region " + region.Name, Expires: act.At.Add(regionLives)}
			if refused := d.radios[link].queue.add(o, now); refused != nil {
				outcomes = append(outcomes, *refused)
			}
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
