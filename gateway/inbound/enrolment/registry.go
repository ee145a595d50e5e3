package enrolment

import (
	"maps"
	"slices"
	"strings"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// Registry folds acts over the units of the configuration. Its state is a function
// of the set of acts: they take their place by their own time, then by id. It is
// not safe for concurrent use.
type Registry struct {
	base []incident.Unit
	acts []Act

	units  []incident.Unit // made units after the base, each with its devices
	owner  map[devices.Identity]int
	tokens map[string]devices.Identity
	users  map[string]string
}

// NewRegistry returns a registry that knows the configured units.
func NewRegistry(base []incident.Unit) *Registry {
	r := &Registry{base: base}
	r.fold()
	return r
}

// Apply takes an act. One that was taken before changes nothing.
func (r *Registry) Apply(a Act) {
	i, found := slices.BinarySearchFunc(r.acts, a, func(x, y Act) int {
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	if found {
		return
	}
	r.acts = slices.Insert(r.acts, i, a)
	r.fold()
}

func (r *Registry) fold() {
	r.units = nil
	r.owner, r.tokens, r.users = map[devices.Identity]int{}, map[string]devices.Identity{}, map[string]string{}
	for i, u := range r.base {
		u.Devices, u.Former = slices.Clone(u.Devices), nil
		r.units = append(r.units, u)
		for _, d := range u.Devices {
			r.owner[d] = i
		}
	}
	for _, a := range r.acts {
		switch a.Kind {
		case MakeUnit:
			if r.index(a.Unit) < 0 { // the units file may have it by now
				r.units = append(r.units, incident.Unit{ID: a.Unit, CallSign: a.CallSign, Agency: a.Agency})
			}
		case Bind:
			r.bind(a)
		case Release:
			r.release(a)
		}
	}
}

func (r *Registry) bind(a Act) {
	i := r.index(a.Unit)
	if i < 0 {
		return // a unit of an older units file
	}
	if at, bound := r.owner[a.Device]; !bound || at != i {
		if bound {
			r.part(at, a)
		}
		r.units[i].Devices = append(r.units[i].Devices, a.Device)
		r.owner[a.Device] = i
	}
	if a.TokenHash != "" {
		r.tokens[a.TokenHash] = a.Device
	}
	if a.User != "" {
		r.users[a.User] = a.PasswordHash
	}
}

func (r *Registry) release(a Act) {
	i, bound := r.owner[a.Device]
	if !bound || r.units[i].ID != a.Unit {
		return
	}
	r.part(i, a)
	delete(r.owner, a.Device)
}

// part ends a device's time with a unit. What it said until then stays the unit's.
func (r *Registry) part(i int, a Act) {
	u := &r.units[i]
	u.Devices = slices.DeleteFunc(u.Devices, func(d devices.Identity) bool { return d == a.Device })
	u.Former = append(u.Former, incident.FormerBinding{Device: a.Device, Until: a.At})
	maps.DeleteFunc(r.tokens, func(_ string, d devices.Identity) bool { return d == a.Device })
	if name := BrokerUser(a.Device); name != "" {
		delete(r.users, name)
	}
}

func (r *Registry) index(unit string) int {
	return slices.IndexFunc(r.units, func(u incident.Unit) bool { return u.ID == unit })
}

// Units are the units as they stand, the configured ones first.
func (r *Registry) Units() []incident.Unit {
	out := slices.Clone(r.units)
	for i := range out {
		out[i].Devices, out[i].Former = slices.Clone(out[i].Devices), slices.Clone(out[i].Former)
	}
	return out
}

// UnitOf is the id of the unit for which a device speaks now.
func (r *Registry) UnitOf(d devices.Identity) (string, bool) {
	i, bound := r.owner[d]
	if !bound {
		return "", false
	}
	return r.units[i].ID, true
}

// Holder is the device to which a token was given, by the token's hash.
func (r *Registry) Holder(tokenHash string) (devices.Identity, bool) {
	d, known := r.tokens[tokenHash]
	return d, known
}

// Users are the embedded broker's users that were enrolled, each with the hash of
// its password.
func (r *Registry) Users() map[string]string { return maps.Clone(r.users) }

// BrokerUser is the user name under which a device publishes on the embedded
// broker, empty for radios: "owntracks:andi/phone" and "field:andi" are andi's.
func BrokerUser(d devices.Identity) string {
	family, name, _ := strings.Cut(string(d), ":")
	switch family {
	case "owntracks":
		user, _, _ := strings.Cut(name, "/")
		return user
	case "field":
		return name
	}
	return ""
}
