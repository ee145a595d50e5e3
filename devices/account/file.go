package account

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"htgateway/devices/atomicfile"
)

// Errors of changes to a users file.
var (
	ErrExists = errors.New("account: user is there already")
	ErrNoUser = errors.New("account: no such user")
)

// ReadFile reads a users file, in its order; one that is not there yet holds nobody.
func ReadFile(path string) ([]User, error) {
	f, err := os.Open(path) // #nosec G304 -- the configuration's users file, or --file of a command
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the users: %w", err)
	}
	defer f.Close()
	users, err := Read(f)
	if err != nil {
		return nil, inFile(path, err)
	}
	return users, nil
}

// inFile says of each wrong line where it is.
func inFile(path string, err error) error {
	several, is := err.(interface{ Unwrap() []error })
	if !is {
		return fmt.Errorf("cannot read the users in %s: %w", path, err)
	}
	var wrong []error
	for _, e := range several.Unwrap() {
		if line := (*LineError)(nil); errors.As(e, &line) {
			e = fmt.Errorf("%s:%d: %w", path, line.Line, line.Err)
		}
		wrong = append(wrong, e)
	}
	return errors.Join(wrong...)
}

// Add puts a user into a users file. Errors wrap [ErrExists] and those of [User.Check].
func Add(path string, u User) error {
	if err := u.Check(); err != nil {
		return err
	}
	return edit(path, func(users []User, lines []string) ([]string, error) {
		if slices.ContainsFunc(users, func(o User) bool { return o.Name == u.Name }) {
			return nil, fmt.Errorf("%w: %q in %s", ErrExists, u.Name, path)
		}
		return append(lines, u.String()), nil
	})
}

// Remove takes a user out of a users file. Errors wrap [ErrNoUser].
func Remove(path, name string) error {
	return replace(path, name, func(User) []string { return nil })
}

// SetHash gives a user another password, by its hash. Errors wrap [ErrNoUser].
func SetHash(path, name, hash string) error {
	return replace(path, name, func(u User) []string {
		u.Hash = hash
		return []string{u.String()}
	})
}

// replace puts other lines in the place of a user's own.
func replace(path, name string, with func(User) []string) error {
	return edit(path, func(users []User, lines []string) ([]string, error) {
		i := slices.IndexFunc(users, func(u User) bool { return u.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w: %q in %s", ErrNoUser, name, path)
		}
		var out []string
		for _, line := range lines {
			if own, _, _ := strings.Cut(strings.TrimSpace(line), ":"); own == name {
				out = append(out, with(users[i])...)
				continue
			}
			out = append(out, line)
		}
		return out, nil
	})
}

// edit changes a users file, whole or not at all. Comments and what is not changed stay
// as they were written, but for lines in the order name:role:hash: those are put into
// the order of [User.String].
func edit(path string, change func(users []User, lines []string) ([]string, error)) error {
	text, err := os.ReadFile(path) // #nosec G304 -- the configuration's users file, or --file of a command
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot read the users: %w", err)
	}
	users, err := Read(strings.NewReader(string(text)))
	if err != nil {
		return inFile(path, err)
	}
	var lines []string
	if len(text) > 0 {
		lines = strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	}
	for i, line := range lines {
		lines[i] = inOrder(line)
	}
	if lines, err = change(users, lines); err != nil {
		return err
	}
	return write(path, strings.Join(append(lines, ""), "\n"))
}

// oldHeading is what files of people began with when their order was another one.
const oldHeading = "# Users of the page. Made by htgateway user add; name:role:hash."

// inOrder is a line, which can be read, with its fields in the order of [User.String].
func inOrder(line string) string {
	text := strings.TrimSpace(line)
	switch {
	case text == oldHeading:
		return "# Users of the page. Made by htgateway user add; name:hash:role."
	case saysNothing(text) || !roleFirst(strings.Split(text, ":")):
		return line
	}
	u, err := parse(text)
	if err != nil {
		return line
	}
	return u.String()
}

// write replaces a file, readable by its owner alone: a gateway that reads it
// meanwhile has the old one or the new one.
func write(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".users-")
	if err != nil {
		return fmt.Errorf("cannot write the users: %w", err)
	}
	// The gateway may run as another user: whoever could read the file still can.
	if have, err := os.Stat(path); err == nil {
		if err := keepOwner(f.Name(), have); err != nil {
			return errors.Join(fmt.Errorf("cannot write the users: %w", err), f.Close(), os.Remove(f.Name()))
		}
	}
	if err := atomicfile.Write(f, path, []byte(text)); err != nil {
		return fmt.Errorf("cannot write the users: %w", err)
	}
	return nil
}
