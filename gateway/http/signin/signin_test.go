package signin_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/gateway/http/signin"
)

// hall is a door with its files and a clock that a test moves.
type hall struct {
	t        *testing.T
	users    string
	sessions string
	now      time.Time
	attempts []signin.Attempt
}

const secret = "sandi yang cukup panjang"

func newHall(t *testing.T) *hall {
	t.Helper()
	dir := t.TempDir()
	h := &hall{t: t, users: filepath.Join(dir, "users"), sessions: filepath.Join(dir, "sessions.json"), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	if err := account.Add(h.users, account.User{Name: "sari", Role: account.Dispatcher, Hash: password.Hash([]byte(secret))}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hall) open() *signin.Door {
	h.t.Helper()
	d, err := signin.New(signin.Options{
		UsersFile: h.users, SessionsFile: h.sessions, Token: "skrip", Now: func() time.Time { return h.now },
		Log: slog.New(slog.DiscardHandler), Note: func(a signin.Attempt) { h.attempts = append(h.attempts, a) },
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// with is a request that carries a session.
func with(session string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "htgateway", Value: session})
	return r
}

func TestASessionOutlivesARestartAndNotItsUser(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	session, err := h.open().SignIn(context.Background(), "sari", secret, "10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(h.sessions); err != nil || strings.Contains(string(text), session) {
		t.Fatalf("the file holds the secret itself, or nothing: %v", err)
	}
	again := h.open()
	if p, known := again.Who(with(session)); !known || p.Name != "sari" || p.Role != signin.Dispatcher {
		t.Fatalf("after a restart: %v %v", p, known)
	}
	if err := account.Remove(h.users, "sari"); err != nil {
		t.Fatal(err)
	}
	if p, known := again.Who(with(session)); known {
		t.Fatalf("a removed user is let in: %v", p)
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		uses  []time.Duration // after signing in, each a use
		alive bool
	}{
		"used within the idle time":         {[]time.Duration{7 * time.Hour, 14 * time.Hour, 15 * time.Hour}, true},
		"unused for longer":                 {[]time.Duration{8*time.Hour + time.Second}, false},
		"used all the time, past its limit": {[]time.Duration{5 * time.Hour, 10 * time.Hour, 15 * time.Hour, 16*time.Hour + time.Second}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHall(t)
			d := h.open()
			session, err := d.SignIn(context.Background(), "sari", secret, "10.0.0.7")
			if err != nil {
				t.Fatal(err)
			}
			began, known := h.now, false
			for _, after := range c.uses {
				h.now = began.Add(after)
				_, known = d.Who(with(session))
			}
			if known != c.alive {
				t.Errorf("alive: %v", known)
			}
		})
	}
	h := newHall(t)
	d := h.open()
	session, err := d.SignIn(context.Background(), "sari", secret, "10.0.0.7")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SignOut(with(session)); err != nil {
		t.Fatal(err)
	}
	if _, known := d.Who(with(session)); known {
		t.Error("signed out and still in")
	}
	if n := len(h.attempts); n != 2 || h.attempts[1].What != "out" || h.attempts[1].Name != "sari" {
		t.Errorf("%+v", h.attempts)
	}
}

func TestGuessingIsSlowedByAddressAndLocksNobodyElseOut(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	if err := account.Add(h.users, account.User{Name: "budi", Role: account.Viewer, Hash: password.Hash([]byte(secret))}); err != nil {
		t.Fatal(err)
	}
	d := h.open()
	guess := func(name, secret, from string) error {
		_, err := d.SignIn(context.Background(), name, secret, from)
		return err
	}
	for i := range 5 {
		if err := guess("sari", "salah", "10.0.0.66"); !errors.Is(err, signin.ErrRefused) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := guess("sari", secret, "10.0.0.66"); !errors.Is(err, signin.ErrTooFast) {
		t.Errorf("the right password after five wrong ones, at once: %v", err)
	}
	if err := guess("budi", secret, "10.0.0.66"); err != nil {
		t.Errorf("another user behind the same address: %v", err)
	}
	mux := http.NewServeMux()
	d.Register(mux, "Kabupaten")
	r := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(url.Values{"name": {"sari"}, "password": {"salah"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = "10.0.0.66:4711"
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if after, err := strconv.Atoi(w.Header().Get("Retry-After")); w.Code != http.StatusTooManyRequests || err != nil || after < 2 {
		t.Errorf("at the page: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if err := guess("sari", secret, "10.0.0.7"); err != nil {
		t.Errorf("the user herself, elsewhere: %v", err)
	}
	h.now = h.now.Add(3 * time.Second)
	if err := guess("sari", "salah", "10.0.0.66"); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("after the wait: %v", err)
	}
	h.now = h.now.Add(3 * time.Second)
	if err := guess("sari", secret, "10.0.0.66"); !errors.Is(err, signin.ErrTooFast) {
		t.Errorf("the wait does not grow: %v", err)
	}
	if err := guess("nobody", "salah", "10.0.0.99"); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("an unknown name is known from another: %v", err)
	}
}

func TestTokenAndStrangers(t *testing.T) {
	t.Parallel()
	d := newHall(t).open()
	for name, c := range map[string]struct {
		header string
		want   bool
	}{
		"token": {"Bearer skrip", true}, "wrong token": {"Bearer skrip2", false}, "none": {"", false}, "basic": {"Basic c2tyaXA=", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if c.header != "" {
			r.Header.Set("Authorization", c.header)
		}
		if _, known := d.Who(r); known != c.want {
			t.Errorf("%s: %v", name, known)
		}
	}
	if _, known := d.Who(with("made up")); known {
		t.Error("a made-up session is let in")
	}
}

func TestOneTimeKeyIsUsedOnceAndGrowsOld(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	d := h.open()
	key := d.OneTimeKey(signin.Person{Name: "demo", Role: signin.Owner})
	session, err := d.Redeem(key, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if p, known := d.Who(with(session)); !known || p.Name != "demo" {
		t.Errorf("%v %v", p, known)
	}
	if _, err := d.Redeem(key, "127.0.0.1"); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("used twice: %v", err)
	}
	key = d.OneTimeKey(signin.Person{Name: "demo", Role: signin.Owner})
	h.now = h.now.Add(time.Hour + time.Second)
	if _, err := d.Redeem(key, "127.0.0.1"); !errors.Is(err, signin.ErrRefused) {
		t.Errorf("too old: %v", err)
	}
}

func TestPageSignsIn(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	d := h.open()
	mux := http.NewServeMux()
	d.Register(mux, "Kabupaten <Majalengka>")
	mux.Handle("/", d.Page(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("map")) })))
	do := func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Result()
	}
	form := func(values url.Values) *http.Response {
		r := httptest.NewRequest(http.MethodPost, "/signin", strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(r)
	}
	if r := do(httptest.NewRequest(http.MethodGet, "/", nil)); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/signin" {
		t.Errorf("a stranger at the page: %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/signin", nil))
	if body := w.Body.String(); !strings.Contains(body, "Kabupaten &lt;Majalengka&gt;") || !strings.Contains(body, `type="password"`) {
		t.Errorf("%s", body)
	}
	if r := form(url.Values{"name": {"sari"}, "password": {"salah"}}); r.StatusCode != http.StatusUnauthorized || len(r.Cookies()) != 0 {
		t.Errorf("wrong password: %d %v", r.StatusCode, r.Cookies())
	}
	for next, want := range map[string]string{
		"/": "/", "": "/", "/#incident=3": "/#incident=3", "//evil.example/": "/", "https://evil.example": "/", `/\evil.example`: "/",
	} {
		r := form(url.Values{"name": {"sari"}, "password": {secret}, "next": {next}})
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != want {
			t.Errorf("next %q leads to %q (%d)", next, r.Header.Get("Location"), r.StatusCode)
		}
		c := r.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure {
			t.Errorf("%+v", c)
		}
	}
	tls := httptest.NewRequest(http.MethodPost, "https://gateway/signin", strings.NewReader(url.Values{"name": {"sari"}, "password": {secret}}.Encode()))
	tls.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c := do(tls).Cookies()[0]; !c.Secure || c.Name != "__Host-htgateway" || c.Domain != "" || c.Path != "/" {
		t.Errorf("over TLS: %+v", c)
	}
}
