package enrolment

import (
	"maps"
	"slices"
	"strings"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/roster"
)

// Registry folds acts over the configured units: the roster, and the secrets of its devices.
// Its state is a function of the set of acts: they take their place by their own time, then by
// id. It is not safe for concurrent use.
type Registry struct {
	file []incident.Unit // the configured units
	acts []Act

	roster *roster.Roster
	tokens map[string]devices.Identity
	users  map[string]string
}

// NewRegistry returns a registry that knows the configured units.
func NewRegistry(file []incident.Unit) *Registry {
	r := &Registry{file: file}
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
	if a.Kind == Configure || i < len(r.acts)-1 {
		r.fold()
		return
	}
	r.take(&a)
}

// Initial are the units from the journal's beginning: those of the first list in it, and the
// configured ones where there is none yet.
func (r *Registry) Initial() []incident.Unit {
	for i := range r.acts {
		if r.acts[i].Kind == Configure {
			return r.acts[i].Units
		}
	}
	return r.file
}

// declared are the newest configured units in the journal; false when there are none.
func (r *Registry) declared() ([]incident.Unit, bool) {
	for i := range slices.Backward(r.acts) {
		if r.acts[i].Kind == Configure {
			return r.acts[i].Units, true
		}
	}
	return nil, false
}

func (r *Registry) fold() {
	r.roster, r.tokens, r.users = roster.New(r.Initial()), map[string]devices.Identity{}, map[string]string{}
	for i := range r.acts {
		r.take(&r.acts[i])
	}
}

// take lets an act have its effect: the secrets of a device end with its time with a unit.
func (r *Registry) take(a *Act) {
	before := r.roster.Owner(a.Device)
	r.roster.Apply(a.Enrolment)
	switch owner := r.roster.Owner(a.Device); {
	case a.Kind == Configure:
		r.dropSecrets(func(d devices.Identity) bool { return r.roster.Owner(d) == "" })
		return
	case before != "" && before != owner:
		r.dropSecrets(func(d devices.Identity) bool { return d == a.Device })
	}
	if a.Kind != Bind || !r.roster.Has(a.Unit) {
		return
	}
	if a.TokenHash != "" {
		r.tokens[a.TokenHash] = a.Device
	}
	if a.User != "" {
		r.users[a.User] = a.PasswordHash
	}
}

// dropSecrets ends the tokens and passwords of devices.
func (r *Registry) dropSecrets(gone func(devices.Identity) bool) {
	for token, d := range r.tokens {
		if gone(d) {
			delete(r.tokens, token)
		}
	}
	for i := range r.acts {
		if d := r.acts[i].Device; d != "" && gone(d) {
			if name := BrokerUser(d); name != "" {
				delete(r.users, name)
			}
		}
	}
}

// Units are the units as they stand, the configured ones first.
func (r *Registry) Units() []incident.Unit { return r.roster.Units() }

// UnitOf is the id of the unit for which a device speaks now.
func (r *Registry) UnitOf(d devices.Identity) (string, bool) {
	owner := r.roster.Owner(d)
	return owner, owner != ""
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
