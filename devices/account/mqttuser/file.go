package mqttuser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"htgateway/devices/atomicfile"
)

// Errors of changes to a users file.
var (
	ErrExists = errors.New("mqttuser: user is there already")
	ErrNoUser = errors.New("mqttuser: no such user")
)

// ReadFile reads a users file; one that is not there yet holds nobody.
func ReadFile(path string) (map[string]User, error) {
	f, err := os.Open(path) // #nosec G304 -- the configuration's users file, or --file of a command
	if errors.Is(err, os.ErrNotExist) {
		return map[string]User{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the users: %w", err)
	}
	defer f.Close()
	users, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("cannot read the users in %s: %w", path, err)
	}
	return users, nil
}

// Add puts a user into a users file. Errors wrap [ErrExists] and [ErrName].
func Add(path string, u User) error {
	if err := u.Check(); err != nil {
		return err
	}
	return edit(path, func(users map[string]User, lines []string) ([]string, error) {
		if _, there := users[u.Name]; there {
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
	return edit(path, func(users map[string]User, lines []string) ([]string, error) {
		u, there := users[name]
		if !there {
			return nil, fmt.Errorf("%w: %q in %s", ErrNoUser, name, path)
		}
		var out []string
		for _, line := range lines {
			if own, _, _ := strings.Cut(strings.TrimSpace(line), ":"); own == name {
				out = append(out, with(u)...)
				continue
			}
			out = append(out, line)
		}
		return out, nil
	})
}

// edit changes a users file, whole or not at all. What is not changed stays as it
// was written, comments too.
func edit(path string, change func(users map[string]User, lines []string) ([]string, error)) error {
	users, err := ReadFile(path)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path) // #nosec G304 -- the configuration's users file, or --file of a command
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot read the users: %w", err)
	}
	var lines []string
	if len(text) > 0 {
		lines = strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	}
	if lines, err = change(users, lines); err != nil {
		return err
	}
	return write(path, strings.Join(append(lines, ""), "\n"))
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
