package signin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"htgateway/devices/account"
	"htgateway/devices/atomicfile"
)

// replaceFile writes a file that only its owner can read, in one step.
func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return atomicfile.Write(f, path, content)
}

// userFile is the people of the users file as it stands, read again when it changes: a
// user who was removed is out at the next request. Safe for concurrent use.
type userFile struct {
	path string

	mu      sync.Mutex
	users   map[string]account.User
	size    int64
	changed time.Time
	trouble error
}

// user returns one user. While the file cannot be read nobody is in it.
func (f *userFile) user(name string) (account.User, bool, error) {
	if f.path == "" {
		return account.User{}, false, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
		f.users, f.changed, f.trouble = nil, time.Time{}, fmt.Errorf("cannot read the users: %w", err)
	case f.users == nil || info.Size() != f.size || !info.ModTime().Equal(f.changed):
		f.load(info)
	}
	u, known := f.users[name]
	return u, known, f.trouble
}

func (f *userFile) load(info fs.FileInfo) {
	users, err := account.ReadFile(f.path)
	f.users, f.size, f.changed, f.trouble = account.ByName(users, account.Role.OfPeople), info.Size(), info.ModTime(), err
}

// tooMany is how long whoever was refused for guessing has to wait, in seconds; false for
// every other error.
func tooMany(err error) (seconds int, is bool) {
	var slow *account.TooManyError
	if !errors.As(err, &slow) {
		return 0, false
	}
	return slow.Seconds(), true
}
