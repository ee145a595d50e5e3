package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OIDC is another service that vouches for people (OpenID Connect Core 1.0, the
// authorization code flow with PKCE, RFC 7636).
type OIDC struct {
	// Issuer is the service's address, as its tokens name it; empty for none.
	Issuer       string
	ClientID     string
	ClientSecret string
	// Back is this gateway's own address, "https://gateway.example:8112": the service
	// sends people back to it at /signin/oidc/back.
	Back string
	// NameClaim and RoleClaim are the claims that hold a person's name here, and what
	// tells their role: text, or a list of texts.
	NameClaim, RoleClaim string
	// Roles maps values of RoleClaim to roles; the first that a person has counts, and
	// whoever has none of them is not let in.
	Roles []ClaimedRole
	// Label is what the button says.
	Label string
}

// ClaimedRole is the role of whoever has a value among their RoleClaim.
type ClaimedRole struct {
	Value string `yaml:"value"`
	Role  Role   `yaml:"role"`
}

// Bounds of signing in elsewhere.
const (
	// flowLife is how long somebody may take to sign in at the service.
	flowLife = 10 * time.Minute
	// mostFlows are under way at once: a flood of beginnings must not fill the memory.
	mostFlows = 1000
	// askFor is how long the gateway waits for the service.
	askFor = 10 * time.Second
)

var (
	errFlow   = errors.New("this sign-in was not begun in this browser, or too long ago")
	errNoRole = errors.New("the service knows them, and nothing there gives them a role here")
)

// flow is one sign-in under way, kept here under the hash of the browser's secret.
type flow struct {
	state, nonce, verifier, next string
	until                        time.Time
}

// voucher speaks with the service. Safe for concurrent use.
type voucher struct {
	o   OIDC
	now func() time.Time

	mu       sync.Mutex
	provider *oidc.Provider // nil until the service was reached
	flows    map[[32]byte]flow
}

func newVoucher(o OIDC, now func() time.Time) *voucher {
	if o.Issuer == "" {
		return nil
	}
	return &voucher{o: o, now: now, flows: map[[32]byte]flow{}}
}

// reach finds the service's own description, once: the gateway starts without it.
func (v *voucher) reach(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	v.mu.Lock()
	provider := v.provider
	v.mu.Unlock()
	if provider == nil {
		var err error
		// Its keys are fetched later too, so the context outlives the request.
		if provider, err = oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: askFor}), v.o.Issuer); err != nil {
			return nil, oauth2.Config{}, fmt.Errorf("cannot reach the service that signs people in: %w", err)
		}
		v.mu.Lock()
		v.provider = provider
		v.mu.Unlock()
	}
	return provider, oauth2.Config{
		ClientID: v.o.ClientID, ClientSecret: v.o.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: v.o.Back + "/signin/oidc/back", Scopes: []string{oidc.ScopeOpenID, "profile", "email", "groups"},
	}, nil
}

// begin starts a flow: the browser keeps secret and goes to address.
func (v *voucher) begin(ctx context.Context, next string) (secret, address string, err error) {
	_, config, err := v.reach(ctx)
	if err != nil {
		return "", "", err
	}
	f := flow{state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier(), next: next, until: v.now().Add(flowLife)}
	secret = rand.Text()
	v.mu.Lock()
	defer v.mu.Unlock()
	for key, old := range v.flows {
		if v.now().After(old.until) {
			delete(v.flows, key)
		}
	}
	if len(v.flows) >= mostFlows {
		return "", "", ErrTooFast
	}
	v.flows[sha256.Sum256([]byte(secret))] = f
	return secret, config.AuthCodeURL(f.state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), nil
}

// inShort is a service's refusal by its code and status. What it says at length may
// repeat what it was asked with, this gateway's own secret too, and goes to the log.
func inShort(err error) error {
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) {
		return err
	}
	status := "no status"
	if refusal.Response != nil {
		status = refusal.Response.Status
	}
	return fmt.Errorf("%.40q (%s)", refusal.ErrorCode, status)
}

// finish turns the code, with which the service sent a browser back, into a person.
func (v *voucher) finish(ctx context.Context, secret, state, code string) (p Person, next string, err error) {
	key := sha256.Sum256([]byte(secret))
	v.mu.Lock()
	f, known := v.flows[key]
	delete(v.flows, key) // a flow ends once, however it ends
	v.mu.Unlock()
	if !known || v.now().After(f.until) || !same(f.state, state) {
		return p, "", errFlow
	}
	provider, config, err := v.reach(ctx)
	if err != nil {
		return p, "", err
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: askFor})
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(f.verifier))
	if err != nil {
		return p, "", fmt.Errorf("the service does not stand by its code: %w", inShort(err))
	}
	text, has := token.Extra("id_token").(string)
	if !has {
		return p, "", errors.New("the service sent no id token")
	}
	id, err := provider.Verifier(&oidc.Config{ClientID: v.o.ClientID}).Verify(ctx, text)
	if err != nil {
		return p, "", fmt.Errorf("the service's id token is not good: %w", err)
	}
	if !same(id.Nonce, f.nonce) {
		return p, "", errors.New("the service's id token is of another sign-in")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return p, "", fmt.Errorf("the service's id token cannot be read: %w", err)
	}
	p, err = v.person(claims)
	return p, f.next, err
}

// person is who the claims say it is. The name stands in the journal, so one that is
// missing is no person.
func (v *voucher) person(claims map[string]any) (Person, error) {
	name, _ := claims[v.o.NameClaim].(string)
	if name == "" {
		return Person{}, fmt.Errorf("the id token has no claim %q, by which people are named here", v.o.NameClaim)
	}
	p := Person{Name: clip(name)}
	has := map[string]bool{}
	switch values := claims[v.o.RoleClaim].(type) {
	case string:
		has[values] = true
	case []any:
		for _, x := range values {
			if s, is := x.(string); is {
				has[s] = true
			}
		}
	}
	for _, r := range v.o.Roles {
		if has[r.Value] {
			p.Role = r.Role
			return p, nil
		}
	}
	return p, errNoRole
}
