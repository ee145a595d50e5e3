package account

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Role is what a user is there for.
type Role string

// The roles of the field. A line of the users file without a role is a cad when its
// name begins with "cad", a mesh gateway when it begins with "msh-", and a device
// otherwise.
const (
	// Device is a phone, tracker or keypad: it publishes as itself and reads the
	// commands that are for it.
	Device Role = "device"
	// CAD is a call-taking system: it opens incidents and reads what becomes of them.
	CAD Role = "cad"
	// Mesh is a Meshtastic gateway node: it passes on what its mesh says.
	Mesh Role = "mesh"
	// Reader sees everything that devices and gateway say, and publishes nothing.
	Reader Role = "reader"
	// Edge is the gateway of an edge site, which delivers by HTTP what it heard; on the
	// broker it may do nothing.
	Edge Role = "edge"
)

// The roles of people, who sign in to the page.
const (
	Viewer     Role = "viewer"
	Dispatcher Role = "dispatcher"
	Analyst    Role = "analyst"
	Admin      Role = "admin"
)

// FieldRoles lists the roles of devices and other machines.
func FieldRoles() []Role { return []Role{Device, CAD, Mesh, Reader, Edge} }

// PeopleRoles lists the roles of people.
func PeopleRoles() []Role { return []Role{Viewer, Dispatcher, Analyst, Admin} }

// OfPeople tells whether the role is one of people, who sign in to the page.
func (r Role) OfPeople() bool { return slices.Contains(PeopleRoles(), r) }

// OfField tells whether the role is one of the field.
func (r Role) OfField() bool { return slices.Contains(FieldRoles(), r) }

// User is one who may sign in or connect.
type User struct {
	Name string
	// Hash is the argon2id hash of the password; see package password.
	Hash string
	Role Role
	// Node is a mesh gateway's own node id ("!7d5a1c2e"), the last level of every
	// topic that it may publish on. Empty lets it publish on all of msh/, as users
	// files from before there were roles do.
	Node string
}

// maxName bounds a user name of the field, in bytes.
const maxName = 64

var (
	nodeID     = regexp.MustCompile(`^![0-9a-f]{8}$`)
	personName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)
)

// Errors of a user.
var (
	ErrName = errors.New("account: name not allowed")
	ErrRole = errors.New("account: no such role")
	ErrNode = errors.New("account: node not allowed")
)

// CheckName refuses a name of the field that would match other users' topics: + and #
// are MQTT's wildcards and / parts its levels (MQTT 3.1.1, 4.7; a broker that let "#" in
// gave away every topic, GHSA-vcg2-pq78-9mhr). A colon parts the users file, and "$"
// begins a broker's own topics. Errors wrap [ErrName].
func CheckName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%w: %d bytes, not 1 to %d", ErrName, len(name), maxName)
	}
	if strings.HasPrefix(name, "$") {
		return fmt.Errorf("%w: %q begins with $", ErrName, name)
	}
	for _, r := range name {
		if strings.ContainsRune("+#/:", r) || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return fmt.Errorf("%w: %q holds %q", ErrName, name, r)
		}
	}
	return nil
}

// Check tells what is wrong with a user. Errors wrap [ErrName], [ErrRole] or [ErrNode].
func (u User) Check() error {
	if u.Role.OfPeople() && !personName.MatchString(u.Name) {
		return fmt.Errorf("%w: %q is not 1 to 40 letters, digits, dots, hyphens or underscores", ErrName, u.Name)
	}
	if err := CheckName(u.Name); err != nil {
		return err
	}
	if !u.Role.OfPeople() && !u.Role.OfField() {
		return fmt.Errorf("%w: role %q of %q is not one of %v", ErrRole, u.Role, u.Name, append(FieldRoles(), PeopleRoles()...))
	}
	if u.Node != "" && (u.Role != Mesh || !nodeID.MatchString(u.Node)) {
		return fmt.Errorf("%w: node %q of %q is for a mesh gateway, ! and eight hexadecimal digits", ErrNode, u.Node, u.Name)
	}
	return nil
}

// String is the user's line in the users file: name:hash:role[:node].
func (u User) String() string {
	line := u.Name + ":" + u.Hash + ":" + string(u.Role)
	if u.Node != "" {
		line += ":" + u.Node
	}
	return line
}

// ByName returns those users whose role is wanted, by their names.
func ByName(users []User, wanted func(Role) bool) map[string]User {
	named := make(map[string]User, len(users))
	for _, u := range users {
		if wanted(u.Role) {
			named[u.Name] = u
		}
	}
	return named
}
