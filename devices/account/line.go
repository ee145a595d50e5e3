package account

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// LineError is what is wrong in one line of a users file, counted from 1.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Read reads a users file, in its order: one name:hash[:role[:node]] a line; empty lines
// and those that begin with # say nothing. Files of people that were made before 2026
// have name:role:hash, which is read too. Everything that is wrong is named, each as a
// [*LineError], joined.
func Read(r io.Reader) ([]User, error) {
	var (
		users []User
		wrong []error
	)
	seen := map[string]bool{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if saysNothing(line) {
			continue
		}
		u, err := parse(line)
		if err == nil && seen[u.Name] {
			err = fmt.Errorf("account: %q is there twice", u.Name)
		}
		if err != nil {
			wrong = append(wrong, &LineError{n, err})
			continue
		}
		seen[u.Name] = true
		users = append(users, u)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cannot read the users: %w", err)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return users, nil
}

// saysNothing tells whether a line, trimmed, is empty or a comment.
func saysNothing(line string) bool { return line == "" || strings.HasPrefix(line, "#") }

var errLine = errors.New("account: not name:hash:role")

// parse reads one line, in either order.
func parse(line string) (User, error) {
	parts := strings.Split(line, ":")
	if len(parts) < 2 || len(parts) > 4 || parts[1] == "" {
		return User{}, errLine
	}
	u := User{Name: parts[0], Hash: parts[1], Role: roleByName(parts[0])}
	switch {
	case roleFirst(parts):
		if parts[2] == "" {
			return User{}, errLine
		}
		u.Hash, u.Role = parts[2], Role(parts[1])
	case len(parts) > 2:
		u.Role = Role(parts[2])
	}
	if len(parts) > 3 {
		u.Node = parts[3]
	}
	return u, u.Check()
}

// roleFirst tells the order name:role:hash from name:hash:role. A hash begins with a
// dollar and a role does not; whoever was locked out by hand may have no hash but a word,
// which is no role then.
func roleFirst(parts []string) bool {
	if len(parts) != 3 || strings.HasPrefix(parts[1], "$") {
		return false
	}
	return strings.HasPrefix(parts[2], "$") || Role(parts[1]).OfPeople() && !Role(parts[2]).OfPeople() && !Role(parts[2]).OfField()
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
