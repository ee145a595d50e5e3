package mqttbroker

import (
	"maps"
	"slices"
	"sync"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"golang.org/x/time/rate"

	"htgateway/devices/account"
)

// Account is what one user has done since the broker began, for those who look
// after the devices.
type Account struct {
	User string       `json:"user"`
	Role account.Role `json:"role"`
	// Connected sessions now, and when the newest one began or the last one ended, UTC.
	Connected int       `json:"connected"`
	Since     time.Time `json:"since,omitzero"`
	// LastSeen is when it last published, UTC.
	LastSeen time.Time `json:"last_seen,omitzero"`
	// Accepted publications are on disk, as reports or set aside with the reason.
	Accepted uint64 `json:"accepted"`
	// Withheld ones were not acknowledged, since the disk would not take them.
	Withheld uint64 `json:"withheld"`
	// Refused are connections, subscriptions, topics and payloads that were not allowed.
	Refused uint64 `json:"refused"`
	// Slowed publications waited because the device sends more than its rate; Excess
	// ones came beyond it without asking for an acknowledgement, and of those only
	// keys and emergencies were kept.
	Slowed uint64 `json:"slowed"`
	Excess uint64 `json:"excess"`
	// LastReason is why the newest refusal, slowing or excess came, and LastReasonAt
	// when, UTC.
	LastReason   string    `json:"last_reason,omitzero"`
	LastReasonAt time.Time `json:"last_reason_at,omitzero"`
	// Offline is set while the newest that was heard of it is its last will.
	Offline bool `json:"offline,omitzero"`
}

// userState is a user's Account with what limits it.
type userState struct {
	mu       sync.Mutex
	user     account.User
	view     Account
	rate     *rate.Limiter
	sessions map[string]*mqtt.Client // by client id
}

// count changes an account's counters.
func (a *userState) count(change func(*Account)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.view)
}

// note counts something that was not as it should be.
func (a *userState) note(at time.Time, reason string, counter func(*Account) *uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*counter(&a.view)++
	a.view.LastReason, a.view.LastReasonAt = reason, at
}

func refused(a *Account) *uint64 { return &a.Refused }
func slowed(a *Account) *uint64  { return &a.Slowed }
func excess(a *Account) *uint64  { return &a.Excess }

// admit takes one message's worth of the account's rate.
func (a *userState) admit(now time.Time) (ok bool, wait time.Duration) {
	if a.rate.AllowN(now, 1) {
		return true, 0
	}
	missing := (1 - a.rate.TokensAt(now)) / float64(a.rate.Limit())
	return false, max(time.Millisecond, time.Duration(missing*float64(time.Second)))
}

// userStates are the users and what became of them.
type userStates struct {
	mu sync.RWMutex
	by map[string]*userState
}

// get returns a user's account, nil for one that is not known.
func (as *userStates) get(user string) *userState {
	as.mu.RLock()
	defer as.mu.RUnlock()
	return as.by[user]
}

// set makes the users those given. It returns the sessions of users who are gone or
// who have another password or role now.
func (as *userStates) set(users map[string]account.User, fresh func() *rate.Limiter) (orphaned []*mqtt.Client) {
	as.mu.Lock()
	defer as.mu.Unlock()
	next := make(map[string]*userState, len(users))
	for name, u := range users {
		a := as.by[name]
		if a == nil {
			a = &userState{rate: fresh(), sessions: map[string]*mqtt.Client{}, view: Account{User: name}}
		}
		a.mu.Lock()
		if a.user != u {
			orphaned = slices.AppendSeq(orphaned, maps.Values(a.sessions))
		}
		a.user, a.view.Role = u, u.Role
		a.mu.Unlock()
		next[name] = a
	}
	for name, a := range as.by {
		if next[name] == nil {
			a.mu.Lock()
			a.user.Hash = "" // nobody's any more
			orphaned = slices.AppendSeq(orphaned, maps.Values(a.sessions))
			a.mu.Unlock()
		}
	}
	as.by = next
	return orphaned
}

// views lists every account, by name.
func (as *userStates) views() []Account {
	as.mu.RLock()
	defer as.mu.RUnlock()
	out := make([]Account, 0, len(as.by))
	for _, name := range slices.Sorted(maps.Keys(as.by)) {
		a := as.by[name]
		a.mu.Lock()
		v := a.view
		v.Connected = len(a.sessions)
		a.mu.Unlock()
		out = append(out, v)
	}
	return out
}
