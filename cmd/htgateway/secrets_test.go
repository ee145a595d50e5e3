package main

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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/oauth2-proxy/mockoidc"
	"golang.org/x/crypto/nacl/secretbox"

	"htgateway/devices/account/password"
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

// write puts a file beside the site's configuration.
func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// ask makes a request as somebody and returns the answer.
func (s *site) ask(method, path, body string, as func(*http.Request)) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.page+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if as != nil {
		as(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
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
	told := newSecrets("token", "siti", "andi", "ciremai", "webhook", "address", "phone", "influx", "oidc", "link", "salah", "kunci")
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

	s := newSite(t)
	hash := func(name string) string {
		h := password.Hash([]byte(told[name]))
		told[name+" hash"] = h
		return h
	}
	s.write("users", "andi:"+hash("andi")+"\nciremai:"+hash("ciremai")+":edge\n")
	s.write("people", "siti:admin:"+hash("siti")+"\n")
	for _, name := range []string{"token", "webhook", "influx", "oidc", "link"} {
		s.write("secret-"+name, told[name]+"\n")
	}
	s.write("phones", "andi/phone:"+told["phone"]+"\n")
	mesh := base64.StdEncoding.EncodeToString([]byte(told["kunci"][:16]))
	told["mesh"] = mesh
	s.write("mesh", "Majalengka: "+mesh+"\n")
	dead := freePort(t)
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	broker := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	s.replaceConfig(`http: {listen: "127.0.0.1:0"}`, fmt.Sprintf(`http:
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
		addr, addr, provider.Issuer(), provider.ClientID, dead, receiver.URL, told["address"], dead, told["address"]))
	s.replaceConfig(`listen: "127.0.0.1:0"`, fmt.Sprintf("listen: %q", broker))
	s.configure(fmt.Sprintf(`  - {id: refused, kind: mqtt, broker: "tcp://%s", client_id: x, topics: ["owntracks/#"], username: link, password_file: secret-link}
  - {id: away, kind: mqtt, broker: "tcp://127.0.0.1:%d", client_id: y, topics: ["owntracks/#"], username: link, password_file: secret-link}
`, broker, dead))
	s.launch(`msg="serial port" link=roof state=up`)
	s.awaitReady()

	token, wrong := bearer(told["token"]), told["salah"]
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
	session := s.signIn("siti", told["siti"])
	_, told["session"], _ = strings.Cut(session, "=")
	want("session", 200)(s.ask("GET", "/api/v1/session", "", func(r *http.Request) { r.Header.Set("Cookie", session) }))
	want("wrong password", 401)(s.ask("POST", "/signin", url.Values{"name": {"siti"}, "password": {wrong}}.Encode(), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}))
	want("wrong token", 401)(s.ask("GET", "/api/v1/session", "", bearer(wrong)))
	// A person whom another service vouches for: it refuses the gateway's own secret.
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Jar: jar}).Get(s.page + "/signin/oidc")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close() // the status is what is asked for
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("signing in elsewhere: %d", resp.StatusCode)
	}
	// A keypad's token.
	var keypad struct{ Device, Token string }
	text := want("enrol", 201)(s.ask("POST", "/api/v1/units/damkar-1/devices", `{"app":"keypad"}`, token))
	if err := json.Unmarshal([]byte(text), &keypad); err != nil || keypad.Token == "" {
		t.Fatal(text)
	}
	told["keypad"] = keypad.Token
	want("keypad", 200)(s.ask("POST", "/api/v1/devices/"+keypad.Device+"/report", `{"status":"available"}`, bearer(keypad.Token)))
	want("keypad with another token", 401)(s.ask("POST", "/api/v1/devices/"+keypad.Device+"/report", `{"status":"available"}`, bearer(wrong)))
	// A phone over HTTP and MQTT, its payload sealed with the right and another secret.
	position := `{"_type":"location","lat":-6.8364,"lon":108.2274,"tst":` + unixNow() + `}`
	for _, key := range []string{told["phone"], wrong} {
		want("phone", 200)(s.ask("POST", "/pub?u=andi&d=phone", sealed(position, key), basic("andi", told["andi"])))
	}
	want("phone with a wrong password", 401)(s.ask("POST", "/pub?u=andi&d=phone", position, basic("andi", wrong)))
	for _, secret := range []string{told["andi"], wrong} {
		c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + broker).SetClientID("andi").SetUsername("andi").SetPassword(secret).SetConnectRetry(false).SetAutoReconnect(false))
		tok := c.Connect()
		if !tok.WaitTimeout(20*time.Second) || (tok.Error() == nil) != (secret != wrong) {
			t.Errorf("MQTT: %v", tok.Error())
		}
		if tok.Error() == nil {
			s.publish(c, "owntracks/andi/phone", sealed(position, wrong))
			c.Disconnect(100)
		}
	}
	// An edge site.
	want("edge", 200)(s.ask("POST", "/api/v1/edges/ciremai/records", `{}`, basic("ciremai", told["ciremai"])))
	want("edge with a wrong password", 401)(s.ask("POST", "/api/v1/edges/ciremai/records", `{}`, basic("ciremai", wrong)))
	e := newEdgeSite(t, "ciremai", nil, "http://"+addr)
	e.write("site-password", wrong+"\n")
	e.configure("log: {level: debug}\n")
	e.launch("the centre is not reached")
	// Webhooks, one that refuses and one that is away, and a dead store.
	want("incident", 201)(s.ask("POST", "/api/v1/incidents", `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`, token))
	select {
	case <-asked:
	case <-time.After(20 * time.Second):
		t.Error("the webhook was not told")
	}
	// Once each of them has failed, it is told why.
	deadline := time.After(30 * time.Second)
	for _, id := range []string{"series", "refused", "away", "webhook:dead", "webhook:refuses"} {
		for failed := false; !failed; {
			var answer struct {
				Links []struct {
					linkView
					DeadLetters int `json:"dead_letters"`
				}
			}
			text := want("links", 200)(s.ask("GET", "/api/v1/links", "", token))
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
		_, text := s.ask("GET", path, "", token)
		told.nowhereIn(t, path, text)
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}, {"config", "check"}} {
		var out bytes.Buffer
		file := filepath.Join(s.dir, "htgateway.yaml")
		if args[0] == "doctor" {
			args = append(args, "--config", file)
		} else {
			args = append(args, file)
		}
		run(context.Background(), args, nil, &out, &out) // a site with so much that is wrong has faults
		told.nowhereIn(t, strings.Join(args, " "), out.String())
	}
	s.stop()
	e.stop()
	told.nowhereIn(t, "the log", s.log.String())
	told.nowhereIn(t, "the edge's log", e.log.String())
	for _, sign := range []string{"level=DEBUG", "webhook", "influx"} {
		if !strings.Contains(s.log.String(), sign) {
			t.Errorf("the log does not tell of %s:\n%s", sign, s.log)
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
