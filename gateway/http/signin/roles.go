package signin

import (
	"slices"

	"htgateway/devices/account"
)

// Role is what a user is there for.
type Role string

// The roles. None of them may change what a radio said.
const (
	// Viewer watches: a wall screen, a visitor.
	Viewer = Role(account.Viewer)
	// Dispatcher acts on incidents and units.
	Dispatcher = Role(account.Dispatcher)
	// Analyst reads the past and takes it away; no act on a live incident.
	Analyst = Role(account.Analyst)
	// Admin looks after the gateway itself; no act on a live incident.
	Admin = Role(account.Admin)
	// Owner may do everything: the token of scripts, and whoever sits at a gateway
	// that serves its own machine alone. Nobody in the users file has it.
	Owner Role = "owner"
)

// Roles lists the roles that a person can be given.
func Roles() []Role { return []Role{Viewer, Dispatcher, Analyst, Admin} }

// Right is what a route of the API lets a person do.
type Right string

// The rights.
const (
	// See is the present: units, incidents, links, events.
	See Right = "see"
	// Act changes incidents, units and what goes to radios.
	Act Right = "act"
	// Study is the past as figures and as files.
	Study Right = "study"
	// Keep is the gateway's own running: profiles, refused points.
	Keep Right = "keep"
)

// rights says what each role may do. What is not here is refused.
var rights = map[Role][]Right{
	Viewer:     {See},
	Dispatcher: {See, Act, Study},
	Analyst:    {See, Study},
	Admin:      {See, Keep},
	Owner:      {See, Act, Study, Keep},
}

// May tells whether the role has a right.
func (r Role) May(right Right) bool { return slices.Contains(rights[r], right) }

// Rights lists what the role may do.
func (r Role) Rights() []Right { return slices.Clone(rights[r]) }

// Person is who makes a request.
type Person struct {
	// Name stands in the journal beside every act.
	Name string `json:"name"`
	Role Role   `json:"role"`
}
