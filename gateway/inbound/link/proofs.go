package link

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"

	"htgateway/devices/account/password"
)

// proofs checks the passwords of those who post.
type proofs struct {
	usersMu sync.RWMutex
	users   map[string]string

	// checking bounds how many passwords are hashed at once: each takes 19 MiB.
	checking chan struct{}
	secret   []byte

	mu     sync.Mutex
	proven map[string][]byte // user → a mark of the password that was right
}

func newProofs(users map[string]string) *proofs {
	p := &proofs{users: users, checking: make(chan struct{}, 2), secret: make([]byte, sha256.Size), proven: map[string][]byte{}}
	_, _ = rand.Read(p.secret) // never fails: crypto/rand ends the process instead
	return p
}

// SetUsers changes who may post.
func (p *proofs) SetUsers(users map[string]string) {
	p.usersMu.Lock()
	defer p.usersMu.Unlock()
	p.users = users
}

// knows checks a password. One that was right is remembered as a keyed hash, with the
// hash that it fitted, since it comes with every post.
func (p *proofs) knows(ctx context.Context, user, given string) bool {
	p.usersMu.RLock()
	hash, known := p.users[user]
	p.usersMu.RUnlock()
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte(hash + "\x00" + given))
	mark := mac.Sum(nil)
	p.mu.Lock()
	proven := hmac.Equal(p.proven[user], mark)
	p.mu.Unlock()
	if proven && known {
		return true
	}
	if strings.ContainsAny(user, "+#/") {
		return false
	}
	select {
	case p.checking <- struct{}{}:
		defer func() { <-p.checking }()
	case <-ctx.Done():
		return false
	}
	if !password.Verify(hash, []byte(given)) || !known {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proven[user] = mark
	return true
}
