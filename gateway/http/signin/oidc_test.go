package signin_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oauth2-proxy/mockoidc"

	"htgateway/gateway/http/signin"
)

// TestPeopleComeFromAnotherService signs in through a real OpenID provider over HTTP:
// with a role, without one, with a callback that is used twice, and with one that
// another browser began.
func TestPeopleComeFromAnotherService(t *testing.T) {
	t.Parallel()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	mux := http.NewServeMux()
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	var noted []signin.Attempt
	door, err := signin.New(signin.Options{
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Note: func(a signin.Attempt) { noted = append(noted, a) },
		OIDC: signin.OIDC{
			Issuer: provider.Issuer(), ClientID: provider.ClientID, ClientSecret: provider.ClientSecret, Back: site.URL, Label: "Akun kantor",
			NameClaim: "preferred_username", RoleClaim: "groups", Roles: []signin.ClaimedRole{{Value: "112-dispatch", Role: signin.Dispatcher}, {Value: "112", Role: signin.Viewer}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	door.Register(mux, "Majalengka")
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		p, known := door.Who(r)
		if !known {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = io.WriteString(w, p.Name+" "+string(p.Role))
	})
	browser := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar}
	}
	open := func(c *http.Client, at string) (int, string, string) {
		t.Helper()
		r, err := c.Get(at) //nolint:noctx // the client of a test
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(text), r.Request.URL.String()
	}
	user := func(name string, groups ...string) {
		provider.QueueUser(&mockoidc.MockUser{Subject: name, PreferredUsername: name, Email: name + "@example.org", Groups: groups})
	}

	siti := browser()
	if _, text, _ := open(siti, site.URL+"/signin"); !strings.Contains(text, "Akun kantor") || strings.Contains(text, `type="password"`) {
		t.Errorf("the page offers no button, or a password nobody has: %s", text)
	}
	if status, _, _ := open(siti, site.URL+"/who"); status != http.StatusUnauthorized {
		t.Errorf("somebody is let in before signing in: %d", status)
	}
	user("siti", "staff", "112", "112-dispatch")
	status, text, back := open(siti, site.URL+"/signin/oidc?next=/replay/")
	if status != http.StatusOK || !strings.Contains(text, `url=/replay/`) {
		t.Fatalf("%d %s", status, text)
	}
	if _, who, _ := open(siti, site.URL+"/who"); who != "siti dispatcher" {
		t.Errorf("she is %q", who)
	}
	if n := len(noted); n != 1 || noted[0].Name != "siti" || noted[0].What != "in" {
		t.Errorf("noted: %+v", noted)
	}
	// The address that the service sent her back to is worth nothing to anybody else,
	// nor to her a second time.
	for _, c := range []*http.Client{siti, browser()} {
		if status, _, _ := open(c, back); status != http.StatusUnauthorized {
			t.Errorf("a used callback answers %d", status)
		}
	}
	stranger := browser()
	user("stranger", "staff")
	if status, _, _ := open(stranger, site.URL+"/signin/oidc"); status != http.StatusForbidden {
		t.Errorf("somebody without a role: %d", status)
	}
	if status, _, _ := open(stranger, site.URL+"/who"); status != http.StatusUnauthorized {
		t.Errorf("somebody without a role is in: %d", status)
	}
	// A callback that the attacker's browser began does not sign the victim in.
	victim, attacker := browser(), browser()
	attacker.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.Contains(r.URL.Path, "/back") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	user("mallory", "112")
	r, err := attacker.Get(site.URL + "/signin/oidc") //nolint:noctx // the client of a test
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if status, _, _ := open(victim, r.Header.Get("Location")); status != http.StatusUnauthorized {
		t.Errorf("a foreign callback answers %d", status)
	}
	// Nobody signs in with a password where nobody has one.
	if _, err := door.SignIn(t.Context(), "siti", "", "127.0.0.1"); err == nil {
		t.Error("an empty password is taken")
	}
}
