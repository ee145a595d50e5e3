package link

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"htgateway/devices/account"
)

// credentials checks the passwords of those who post.
type credentials struct {
	verifier *account.Verifier
	role     account.Role // that may come this way

	usersMu sync.RWMutex
	users   map[string]account.User
}

func newCredentials(r account.Role, v *account.Verifier) *credentials {
	return &credentials{verifier: v, role: r}
}

// SetUsers changes who may post: those of the users who have the role for it.
func (c *credentials) SetUsers(users map[string]account.User) {
	c.usersMu.Lock()
	defer c.usersMu.Unlock()
	c.users = users
}

// verify returns nil for a user who shows the right password.
func (c *credentials) verify(ctx context.Context, user, given, from string) error {
	c.usersMu.RLock()
	hash := ""
	if u := c.users[user]; u.Role == c.role {
		hash = u.Hash
	}
	c.usersMu.RUnlock()
	return c.verifier.Verify(ctx, account.Claim{Realm: account.Field, Name: user, Hash: hash, Secret: []byte(given), From: from})
}

// tooMany tells whether somebody is refused for guessing, and says in the answer when to
// try again.
func tooMany(w http.ResponseWriter, err error) bool {
	var slow *account.TooManyError
	if !errors.As(err, &slow) {
		return false
	}
	w.Header().Set("Retry-After", strconv.Itoa(slow.Seconds()))
	return true
}
