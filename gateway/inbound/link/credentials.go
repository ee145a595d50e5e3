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

	usersMu sync.RWMutex
	hashes  map[string]string // by user
}

func newCredentials(users map[string]string, v *account.Verifier) *credentials {
	return &credentials{verifier: v, hashes: users}
}

// SetUsers changes who may post.
func (c *credentials) SetUsers(users map[string]string) {
	c.usersMu.Lock()
	defer c.usersMu.Unlock()
	c.hashes = users
}

// verify returns nil for a user who shows the right password.
func (c *credentials) verify(ctx context.Context, user, given, from string) error {
	c.usersMu.RLock()
	hash := c.hashes[user]
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
