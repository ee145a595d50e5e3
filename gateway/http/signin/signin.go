package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"htgateway/devices/account"
)

// Reasons why somebody is not let in.
var (
	ErrRefused = account.ErrRefused
	ErrTooFast = account.ErrTooMany
)

// Options of a door.
type Options struct {
	// UsersFile holds the users; empty when there are none.
	UsersFile string
	// Verifier checks passwords; nil for one of the door's own.
	Verifier *account.Verifier
	// SessionsFile keeps sessions over a restart; empty keeps them in memory.
	SessionsFile string
	// OIDC is another service that vouches for people; one without an issuer is none.
	OIDC OIDC
	// Token, when not empty, opens everything to scripts that send it.
	Token string
	Now   func() time.Time
	Log   *slog.Logger
	// Note, when not nil, is given every attempt, for the journal.
	Note func(Attempt)
}

// Attempt is one attempt to sign in, or a sign-out.
type Attempt struct {
	At   time.Time `json:"at"`
	Name string    `json:"name"`
	From string    `json:"from"`
	// What is "in", "refused" or "out".
	What string `json:"what"`
	Why  string `json:"why,omitzero"`
}

// Door tells who makes a request, and signs people in and out. It is safe for
// concurrent use.
type Door struct {
	o        Options
	users    *userFile
	sessions *sessions
	verifier *account.Verifier
	voucher  *voucher // nil when no other service vouches for people

	mu   sync.Mutex
	keys map[[32]byte]oneTime
}

type oneTime struct {
	person Person
	until  time.Time
}

// New opens a door.
func New(o Options) (*Door, error) {
	kept, err := openSessions(o.SessionsFile, o.Now)
	if err != nil {
		return nil, err
	}
	if o.Verifier == nil {
		o.Verifier = account.NewVerifier(o.Now)
	}
	return &Door{
		o: o, users: &userFile{path: o.UsersFile}, sessions: kept, keys: map[[32]byte]oneTime{},
		verifier: o.Verifier, voucher: newVoucher(o.OIDC, o.Now),
	}, nil
}

// Open tells whether anybody is let in: no users and no token are configured,
// which config allows on loopback alone.
func (d *Door) Open() bool { return !d.HasUsers() && d.o.Token == "" }

// HasUsers tells whether there is anybody who can sign in, here or elsewhere.
func (d *Door) HasUsers() bool { return d.o.UsersFile != "" || d.voucher != nil }

// Who is the person behind a request: by token, by session, or whoever sits at an
// open gateway.
func (d *Door) Who(r *http.Request) (Person, bool) {
	if token, has := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); has && d.o.Token != "" {
		return Person{Name: "token", Role: Owner}, same(token, d.o.Token)
	}
	if c, err := r.Cookie(cookieName(r)); err == nil {
		if p, ok := d.held(c.Value); ok {
			return p, true
		}
	}
	return Person{Name: "local", Role: Owner}, d.Open()
}

// held is the person of a live session, with the role that the users file gives
// them now.
func (d *Door) held(secret string) (Person, bool) {
	s, live := d.sessions.find(secret)
	if !live || s.Outside {
		return s.Person, live
	}
	u, known, err := d.users.user(s.Name)
	if err != nil {
		d.o.Log.Error("nobody can be signed in", "reason", err)
	}
	return Person{Name: u.Name, Role: Role(u.Role)}, known
}

// same compares two secrets in a time that does not depend on them.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// SignIn checks a name and a password and begins a session. from is the address of
// whoever tries. Errors wrap [ErrRefused] and [ErrTooFast].
func (d *Door) SignIn(ctx context.Context, name, secret, from string) (session string, err error) {
	defer func() { d.note(name, from, "in", err) }()
	if d.o.UsersFile == "" {
		return "", ErrRefused // people sign in elsewhere
	}
	u, _, err := d.users.user(name)
	if err != nil {
		return "", err
	}
	if err := d.verifier.Verify(ctx, account.Claim{Realm: account.Page, Name: name, Hash: u.Hash, Secret: []byte(secret), From: from}); err != nil {
		return "", err
	}
	session, _, err = d.sessions.begin(Person{Name: u.Name, Role: Role(u.Role)}, false)
	return session, err
}

func (d *Door) note(name, from, what string, err error) {
	a := Attempt{At: d.o.Now().UTC(), Name: clip(name), From: from, What: what}
	if err != nil {
		a.What, a.Why = "refused", err.Error()
		d.o.Log.Warn("sign-in refused", "name", a.Name, "from", from, "reason", err)
	} else {
		d.o.Log.Info("signed", "what", what, "name", a.Name, "from", from)
	}
	if d.o.Note != nil {
		d.o.Note(a)
	}
}

// clip bounds what a stranger may write into the log and the journal.
func clip(name string) string {
	if len(name) > 40 {
		return name[:40]
	}
	return name
}

// SignOut ends a request's session.
func (d *Door) SignOut(r *http.Request) error {
	c, err := r.Cookie(cookieName(r))
	if err != nil {
		return nil // it has none
	}
	p, known := d.held(c.Value)
	if err := d.sessions.end(c.Value); err != nil {
		return err
	}
	if known {
		d.note(p.Name, address(r), "out", nil)
	}
	return nil
}

// oneTimeLife is how long a printed link is good for.
const oneTimeLife = time.Hour

// OneTimeKey makes a key that opens one session for a person whom no users file
// knows: the demo prints it as a link.
func (d *Door) OneTimeKey(p Person) string {
	key := rand.Text()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[sha256.Sum256([]byte(key))] = oneTime{p, d.o.Now().Add(oneTimeLife)}
	return key
}

// Redeem uses up a one-time key and begins its session.
func (d *Door) Redeem(key, from string) (session string, err error) {
	hash := sha256.Sum256([]byte(key))
	d.mu.Lock()
	k, known := d.keys[hash]
	delete(d.keys, hash)
	d.mu.Unlock()
	if !known || d.o.Now().After(k.until) {
		d.note("link", from, "in", ErrRefused)
		return "", ErrRefused
	}
	session, _, err = d.sessions.begin(k.person, true)
	d.note(k.person.Name, from, "in", err)
	return session, err
}

// Until is when a request's session ends at the latest; false when it has none.
func (d *Door) Until(r *http.Request) (time.Time, bool) {
	c, err := r.Cookie(cookieName(r))
	if err != nil {
		return time.Time{}, false
	}
	s, live := d.sessions.find(c.Value)
	return s.Until, live
}

// cookieName of the session. Browsers take a name with __Host- only from a page
// that came over TLS, for the whole host and no other.
func cookieName(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-htgateway"
	}
	return "htgateway"
}

// SetCookie hands a session to the browser.
func SetCookie(w http.ResponseWriter, r *http.Request, session string) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- without TLS there is only loopback, where a browser keeps no Secure cookie
		Name: cookieName(r), Value: session, Path: "/", MaxAge: int(SessionLife.Seconds()),
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// ClearCookie takes the session from the browser.
func ClearCookie(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- without TLS there is only loopback, where a browser keeps no Secure cookie
		Name: cookieName(r), Path: "/", MaxAge: -1, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}

// address is where a request came from, without the port.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
