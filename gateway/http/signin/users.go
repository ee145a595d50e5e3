package signin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"htgateway/devices/account/password"
	"htgateway/devices/atomicfile"
)

// Errors of a users file.
var (
	ErrUser   = errors.New("signin: not a user name: 1 to 40 letters, digits, dots, hyphens or underscores")
	ErrRole   = errors.New("signin: no such role")
	ErrExists = errors.New("signin: user is there already")
	ErrNoUser = errors.New("signin: no such user")
)

var userName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// User is one line of a users file: "name:role:hash".
type User struct {
	Person
	Hash string
}

// ReadUsers reads a users file; a missing one has no users. Errors name the line.
func ReadUsers(path string) ([]User, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the users: %w", err)
	}
	var users []User
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 || !userName.MatchString(parts[0]) {
			return nil, fmt.Errorf("%s:%d: not name:role:hash", path, number)
		}
		u := User{Person: Person{Name: parts[0], Role: Role(parts[1])}, Hash: parts[2]}
		if !slices.Contains(Roles(), u.Role) {
			return nil, fmt.Errorf("%s:%d: %w: %q", path, number, ErrRole, parts[1])
		}
		if slices.ContainsFunc(users, func(o User) bool { return o.Name == u.Name }) {
			return nil, fmt.Errorf("%s:%d: %w: %q", path, number, ErrExists, u.Name)
		}
		users = append(users, u)
	}
	return users, nil
}

// WriteUsers writes a users file as a whole, so that a reader never sees half of it.
func WriteUsers(path string, users []User) error {
	var b bytes.Buffer
	b.WriteString("# Users of the page. Made by htgateway user add; name:role:hash.\n")
	for _, u := range users {
		fmt.Fprintf(&b, "%s:%s:%s\n", u.Name, u.Role, u.Hash)
	}
	return replaceFile(path, b.Bytes())
}

// replaceFile writes a file that only its owner can read, in one step.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return atomicfile.Write(f, path, content)
}

// AddUser adds a user to the file. Errors wrap [ErrUser], [ErrRole] and [ErrExists].
func AddUser(path, name string, role Role, secret []byte) error {
	users, err := ReadUsers(path)
	if err != nil {
		return err
	}
	switch {
	case !userName.MatchString(name):
		return fmt.Errorf("%w: %q", ErrUser, name)
	case !slices.Contains(Roles(), role):
		return fmt.Errorf("%w: %q, only %v", ErrRole, role, Roles())
	case slices.ContainsFunc(users, func(u User) bool { return u.Name == name }):
		return fmt.Errorf("%w: %q", ErrExists, name)
	}
	return WriteUsers(path, append(users, User{Person{name, role}, password.Hash(secret)}))
}

// RemoveUser takes a user out of the file; its sessions end with it. Errors wrap
// [ErrNoUser].
func RemoveUser(path, name string) error {
	users, err := ReadUsers(path)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(users), func(u User) bool { return u.Name == name })
	if len(left) == len(users) {
		return fmt.Errorf("%w: %q", ErrNoUser, name)
	}
	return WriteUsers(path, left)
}

// SetPassword gives a user another password. Errors wrap [ErrNoUser].
func SetPassword(path, name string, secret []byte) error {
	users, err := ReadUsers(path)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(users, func(u User) bool { return u.Name == name })
	if i < 0 {
		return fmt.Errorf("%w: %q", ErrNoUser, name)
	}
	users[i].Hash = password.Hash(secret)
	return WriteUsers(path, users)
}

// roll is the users file as it stands, read again when it changes: a user who was
// removed is out at the next request. Safe for concurrent use.
type roll struct {
	path string

	mu      sync.Mutex
	users   map[string]User
	size    int64
	changed time.Time
	trouble error
}

// user returns one user. While the file cannot be read nobody is in it.
func (r *roll) user(name string) (User, bool, error) {
	if r.path == "" {
		return User{}, false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path)
	switch {
	case err != nil:
		r.users, r.changed, r.trouble = nil, time.Time{}, fmt.Errorf("cannot read the users: %w", err)
	case r.users == nil || info.Size() != r.size || !info.ModTime().Equal(r.changed):
		r.load(info)
	}
	u, known := r.users[name]
	return u, known, r.trouble
}

func (r *roll) load(info os.FileInfo) {
	users, err := ReadUsers(r.path)
	r.users, r.size, r.changed, r.trouble = map[string]User{}, info.Size(), info.ModTime(), err
	for _, u := range users {
		r.users[u.Name] = u
	}
}
