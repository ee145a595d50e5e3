package system

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/oauth2-proxy/mockoidc"
	"golang.org/x/crypto/nacl/secretbox"

	"htgateway/devices/account/password"
	"htgateway/gateway/sitetest"
)

// secrets are those of one site, by what they are for. Each is new, so that finding
// one somewhere is no chance.
type secrets map[string]string

func newSecrets(names ...string) secrets {
	s := secrets{}
	for _, name := range names {
		s[name] = rand.Text()
	}
	return s
}

// nowhereIn fails for each secret that stands in a text, plain or in the ways that it
// is written in headers, addresses and files.
func (s secrets) nowhereIn(t *testing.T, what, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s is empty", what)
	}
	for name, secret := range s {
		for _, written := range []string{
			secret, url.QueryEscape(secret), hex.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte(name + ":" + secret)),
		} {
			if at := strings.Index(text, written); at >= 0 {
				t.Errorf("%s of %s: %s", name, what, text[max(0, at-200):min(len(text), at+len(written)+50)])
				break
			}
		}
	}
}

// request makes a request as somebody and returns the answer.
func request(s *sitetest.Site, method, path, body string, as func(*http.Request)) (int, string) {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), method, s.Page+path, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	if as != nil {
		as(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func basic(name, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, secret) }
}

// TestNoSecretIsTold: a site with every kind of secret uses each and fails with each;
// none of them stands in its log, at the most talkative level, in what it shows, or in
// what doctor says.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	hidden := newSecrets("token", "siti", "andi", "ciremai", "webhook", "address", "phone", "influx", "oidc", "link", "salah", "kunci")
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	asked := make(chan struct{}, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- struct{}{}
		http.Error(w, "no, "+string(body), http.StatusUnprocessableEntity)
	}))
	t.Cleanup(receiver.Close)

	s := sitetest.New(t)
	hash := func(name string) string {
		h := password.Hash([]byte(hidden[name]))
		hidden[name+" hash"] = h
		return h
	}
	s.WriteFile("users", "andi:"+hash("andi")+"\nciremai:"+hash("ciremai")+":edge\n")
	s.WriteFile("people", "siti:admin:"+hash("siti")+"\n")
	for _, name := range []string{"token", "webhook", "influx", "oidc", "link"} {
		s.WriteFile("secret-"+name, hidden[name]+"\n")
	}
	s.WriteFile("phones", "andi/phone:"+hidden["phone"]+"\n")
	mesh := base64.StdEncoding.EncodeToString([]byte(hidden["kunci"][:16]))
	hidden["mesh"] = mesh
	s.WriteFile("mesh", "Majalengka: "+mesh+"\n")
	dead := sitetest.FreePort(t)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	broker := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`http: {listen: "127.0.0.1:0"}`, fmt.Sprintf(`http:
  listen: %q
  token_file: secret-token
  users_file: people
  public_url: http://%s
  oidc: {issuer: %q, client_id: %q, client_secret_file: secret-oidc, roles: [{value: engineering, role: viewer}]}
log: {level: debug}
telemetry: {store: influx, influx: {url: "http://127.0.0.1:%d", org: o, bucket: b, token_file: secret-influx}}
owntracks: {secrets_file: phones}
meshtastic: {keys_file: mesh}
webhooks:
  - {id: refuses, url: "%s/?key=%s", secret_file: secret-webhook}
  - {id: dead, url: "http://127.0.0.1:%d/?key=%s", secret_file: secret-webhook}`,
		addr, addr, provider.Issuer(), provider.ClientID, dead, receiver.URL, hidden["address"], dead, hidden["address"]))
	s.ReplaceConfig(`listen: "127.0.0.1:0"`, fmt.Sprintf("listen: %q", broker))
	s.Configure(fmt.Sprintf(`  - {id: refused, kind: mqtt, broker: "tcp://%s", client_id: x, topics: ["owntracks/#"], username: link, password_file: secret-link}
  - {id: away, kind: mqtt, broker: "tcp://127.0.0.1:%d", client_id: y, topics: ["owntracks/#"], username: link, password_file: secret-link}
`, broker, dead))
	s.Launch(`msg="serial port" link=roof state=up`)
	s.AwaitReady()

	token, wrong := bearer(hidden["token"]), hidden["salah"]
	want := func(what string, want int) func(int, string) string {
		return func(got int, text string) string {
			t.Helper()
			if got != want {
				t.Errorf("%s: %d, not %d: %s", what, got, want, text)
			}
			return text
		}
	}
	// People and programs.
	session := s.SignIn("siti", hidden["siti"])
	_, hidden["session"], _ = strings.Cut(session, "=")
	want("session", 200)(request(s, "GET", "/api/v1/session", "", func(r *http.Request) { r.Header.Set("Cookie", session) }))
	want("wrong password", 401)(request(s, "POST", "/signin", url.Values{"name": {"siti"}, "password": {wrong}}.Encode(), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}))
	want("wrong token", 401)(request(s, "GET", "/api/v1/session", "", bearer(wrong)))
	// A person whom another service vouches for: it refuses the gateway's own secret.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Jar: jar}).Get(s.Page + "/signin/oidc")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // the status is what is asked for
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("signing in elsewhere: %d", resp.StatusCode)
	}
	// A keypad's token.
	var keypad struct{ Device, Token string }
	text := want("enrol", 201)(request(s, "POST", "/api/v1/units/damkar-1/devices", `{"app":"keypad"}`, token))
	if err := json.Unmarshal([]byte(text), &keypad); err != nil || keypad.Token == "" {
		t.Fatal(text)
	}
	hidden["keypad"] = keypad.Token
	want("keypad", 200)(request(s, "POST", "/api/v1/devices/"+keypad.Device+"/report", `{"status":"available"}`, bearer(keypad.Token)))
	want("keypad with another token", 401)(request(s, "POST", "/api/v1/devices/"+keypad.Device+"/report", `{"status":"available"}`, bearer(wrong)))
	// A phone over HTTP and MQTT, its payload sealed with the right and another secret.
	position := `{"_type":"location","lat":-6.8364,"lon":108.2274,"tst":` + unixNow() + `}`
	for _, key := range []string{hidden["phone"], wrong} {
		want("phone", 200)(request(s, "POST", "/pub?u=andi&d=phone", sealed(position, key), basic("andi", hidden["andi"])))
	}
	want("phone with a wrong password", 401)(request(s, "POST", "/pub?u=andi&d=phone", position, basic("andi", wrong)))
	for _, secret := range []string{hidden["andi"], wrong} {
		c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + broker).SetClientID("andi").SetUsername("andi").SetPassword(secret).SetConnectRetry(false).SetAutoReconnect(false))
		tok := c.Connect()
		if !tok.WaitTimeout(20*time.Second) || (tok.Error() == nil) != (secret != wrong) {
			t.Errorf("MQTT: %v", tok.Error())
		}
		if tok.Error() == nil {
			s.Publish(c, "owntracks/andi/phone", sealed(position, wrong))
			c.Disconnect(100)
		}
	}
	// An edge site.
	want("edge", 200)(request(s, "POST", "/api/v1/edges/ciremai/records", `{}`, basic("ciremai", hidden["ciremai"])))
	want("edge with a wrong password", 401)(request(s, "POST", "/api/v1/edges/ciremai/records", `{}`, basic("ciremai", wrong)))
	e := sitetest.NewEdge(t, "ciremai", nil, "http://"+addr)
	e.WriteFile("site-password", wrong+"\n")
	e.Configure("log: {level: debug}\n")
	e.Launch("the centre is not reached")
	// Webhooks, one that refuses and one that is away, and a dead store.
	want("incident", 201)(request(s, "POST", "/api/v1/incidents", `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`, token))
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		t.Error("the webhook was not sent anything")
	}
	// Once each of them has failed, it says why.
	deadline := time.After(30 * time.Second)
	for _, id := range []string{"series", "refused", "away", "webhook:dead", "webhook:refuses"} {
		for failed := false; !failed; {
			var answer struct {
				Links []struct {
					sitetest.Link
					DeadLetters int `json:"dead_letters"`
				}
			}
			text := want("links", 200)(request(s, "GET", "/api/v1/links", "", token))
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatal(err)
			}
			for _, l := range answer.Links {
				failed = failed || l.ID == id && (l.Why+l.LastError != "" || l.Errors > 0 || l.DeadLetters > 0)
			}
			select {
			case <-time.After(100 * time.Millisecond):
			case <-deadline:
				t.Fatalf("%s has not failed: %s", id, text)
			}
		}
	}
	for _, path := range []string{
		"/api/v1/links", "/metrics", "/api/v1/openapi.json", "/api/v1/setup", "/api/v1/devices", "/api/v1/telemetry/dead-letters", "/api/v1/session",
		"/api/v1/units", "/readyz", "/healthz", "/api/v1/alarms", "/api/v1/messages", "/debug/pprof/cmdline",
	} {
		_, text := request(s, "GET", path, "", token)
		hidden.nowhereIn(t, path, text)
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}, {"config", "check"}} {
		var out bytes.Buffer
		file := filepath.Join(s.Dir, "htgateway.yaml")
		if args[0] == "doctor" {
			args = append(args, "--config", file)
		} else {
			args = append(args, file)
		}
		sitetest.Run(context.Background(), t, args, nil, &out, &out) // a site with so much that is wrong has faults
		hidden.nowhereIn(t, strings.Join(args, " "), out.String())
	}
	s.Stop()
	e.Stop()
	hidden.nowhereIn(t, "the log", s.Log.String())
	hidden.nowhereIn(t, "the edge's log", e.Log.String())
	for _, sign := range []string{"level=DEBUG", "webhook", "influx"} {
		if !strings.Contains(s.Log.String(), sign) {
			t.Errorf("the log does not tell of %s:\n%s", sign, s.Log)
		}
	}
}

// sealed is a payload as a phone encrypts it with a pass phrase.
func sealed(payload, phrase string) string {
	var key [32]byte
	copy(key[:], phrase)
	nonce := [24]byte([]byte(rand.Text()[:24]))
	box := secretbox.Seal(nonce[:], []byte(payload), &nonce, &key)
	return `{"_type":"encrypted","data":"` + base64.StdEncoding.EncodeToString(box) + `"}`
}
