package enrolment

import (
	"context"
	"log/slog"
	"maps"
	"sync"

	"htgateway/devices/account"
)

// UserTaker lets users in: a broker, or what takes posts. SetUsers changes who they are.
type UserTaker interface {
	SetUsers(users map[string]account.User)
}

// Accounts are who may use the embedded broker and post: the users file's, and the devices
// that were enrolled. It is safe for concurrent use.
type Accounts struct {
	roster *Roster

	mu       sync.Mutex
	fromFile map[string]account.User
	takers   []UserTaker
}

// NewAccounts returns the users of a users file and of a roster.
func NewAccounts(r *Roster, fromFile map[string]account.User) *Accounts {
	return &Accounts{roster: r, fromFile: fromFile}
}

// Users are both together. A name in the file is the file's.
func (a *Accounts) Users() map[string]account.User {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.users()
}

func (a *Accounts) users() map[string]account.User {
	enrolled := a.roster.Users()
	users := make(map[string]account.User, len(a.fromFile)+len(enrolled))
	for name, hash := range enrolled {
		users[name] = account.User{Name: name, Hash: hash, Role: account.Device}
	}
	maps.Copy(users, a.fromFile)
	return users
}

// Give has a taker let the users in, as they stand now and whenever they change.
func (a *Accounts) Give(t UserTaker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.takers = append(a.takers, t)
	t.SetUsers(a.users())
}

// Changed has every taker let in the users of the roster as it stands now.
func (a *Accounts) Changed() { a.change(nil) }

// change takes the users of the file anew when they are given.
func (a *Accounts) change(fromFile map[string]account.User) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if fromFile != nil {
		a.fromFile = fromFile
	}
	users := a.users()
	for _, t := range a.takers {
		t.SetUsers(users)
	}
}

// Follow takes the users of the file anew whenever they come, until ctx ends. Nobody's
// session ends who is still known.
func (a *Accounts) Follow(ctx context.Context, files <-chan map[string]account.User, log *slog.Logger) error {
	for {
		select {
		case users := <-files:
			a.change(users)
			log.Info("MQTT users read again", "users", len(users))
		case <-ctx.Done():
			return nil
		}
	}
}
