package mqttuser

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Role is what a user is there for.
type Role string

// The roles. A line of the users file without one is a cad when its name begins
// with "cad", a mesh gateway when it begins with "msh-", and a device otherwise.
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

// Roles lists every role.
func Roles() []Role { return []Role{Device, CAD, Mesh, Reader, Edge} }

// User is one who may connect.
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

// maxName bounds a user name, in bytes.
const maxName = 64

var nodeID = regexp.MustCompile(`^![0-9a-f]{8}$`)

// ErrName is wrapped by [CheckName].
var ErrName = errors.New("mqttuser: name not allowed")

// CheckName refuses a name that would match other users' topics: + and # are MQTT's
// wildcards and / parts its levels (MQTT 3.1.1, 4.7; a broker that let "#" in gave
// away every topic, GHSA-vcg2-pq78-9mhr). A colon parts the users file, and "$"
// begins a broker's own topics.
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

// Check tells what is wrong with a user.
func (u User) Check() error {
	if err := CheckName(u.Name); err != nil {
		return err
	}
	if !slices.Contains(Roles(), u.Role) {
		return fmt.Errorf("mqttuser: role %q of %q is not one of %v", u.Role, u.Name, Roles())
	}
	if u.Node != "" && (u.Role != Mesh || !nodeID.MatchString(u.Node)) {
		return fmt.Errorf("mqttuser: node %q of %q is for a mesh gateway, ! and eight hexadecimal digits", u.Node, u.Name)
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

// LineError is what is wrong in one line of a users file, counted from 1.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Read reads a users file: one name:hash[:role[:node]] a line; empty lines and those
// that begin with # say nothing. Everything that is wrong is named, each as a
// [*LineError], joined.
func Read(r io.Reader) (map[string]User, error) {
	users := map[string]User{}
	var wrong []error
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		u, err := parse(line)
		if _, twice := users[u.Name]; err == nil && twice {
			err = fmt.Errorf("mqttuser: %q is there twice", u.Name)
		}
		if err != nil {
			wrong = append(wrong, &LineError{n, err})
			continue
		}
		users[u.Name] = u
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("mqttuser: cannot read the users: %w", err)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return users, nil
}

func parse(line string) (User, error) {
	parts := strings.Split(line, ":")
	if len(parts) < 2 || len(parts) > 4 || parts[1] == "" {
		return User{}, errors.New("mqttuser: not name:hash:role")
	}
	u := User{Name: parts[0], Hash: parts[1], Role: roleByName(parts[0])}
	if len(parts) > 2 {
		u.Role = Role(parts[2])
	}
	if len(parts) > 3 {
		u.Node = parts[3]
	}
	return u, u.Check()
}

func roleByName(name string) Role {
	switch {
	case strings.HasPrefix(name, "cad"):
		return CAD
	case strings.HasPrefix(name, "msh-"):
		return Mesh
	}
	return Device
}
