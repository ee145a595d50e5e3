package main

import (
	"bytes"
	"context"
	"htgateway/devices/account/password"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUserAdd(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	args := []string{"user", "add", "--device", "psc1", "--file", file}
	var out, errs bytes.Buffer
	if code := run(context.Background(), args, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	_, printed, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	user, rest, _ := strings.Cut(strings.TrimSpace(string(text)), ":")
	hash := strings.TrimSuffix(rest, ":device")
	if user != "psc1" || strings.Contains(string(text), printed) || !password.Verify(hash, []byte(printed)) {
		t.Fatalf("%s", text)
	}
	if code := run(context.Background(), args, nil, &out, &errs); code != exitUsage {
		t.Fatalf("the same device twice: exit %d", code)
	}
}

// TestPeopleSignInWithTheirRoles runs the gateway with users and asks as each.
func TestPeopleSignInWithTheirRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := filepath.Join(s.dir, "people")
	secrets := map[string]string{}
	for _, role := range []string{"viewer", "dispatcher", "analyst", "admin"} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), []string{"user", "add", role + "-1", "--role", role, "--file", file}, nil, &out, &errs); code != exitDone {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
		secrets[role] = secret
	}
	s.replaceConfig("http: {", "http: {users_file: people, ")
	s.start()
	if resp := s.as("", http.MethodGet, "/api/v1/units", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", resp.StatusCode)
	}
	const call = `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`
	for role, want := range map[string]int{"viewer": 403, "dispatcher": 201, "analyst": 403, "admin": 403} {
		session := s.signIn(role+"-1", secrets[role])
		if resp := s.as(session, http.MethodGet, "/api/v1/incidents", ""); resp.StatusCode != http.StatusOK {
			t.Errorf("%s reads incidents: %d", role, resp.StatusCode)
		}
		if resp := s.as(session, http.MethodPost, "/api/v1/incidents", call); resp.StatusCode != want {
			t.Errorf("%s takes a call: %d, want %d", role, resp.StatusCode, want)
		}
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "sessions.json"))
	if err != nil || strings.Contains(string(text), secrets["viewer"]) {
		t.Errorf("sessions: %v", err)
	}
	s.stop()
	if strings.Contains(s.log.String(), secrets["dispatcher"]) {
		t.Error("a password stands in the log")
	}
}

// signIn sends the sign-in form and returns the session's cookie.
func (s *site) signIn(name, secret string) string {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(s.page+"/signin", url.Values{"name": {name}, "password": {secret}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		s.t.Fatalf("%s is not signed in: %d", name, resp.StatusCode)
	}
	return resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value
}

// as makes a request with a session, or without one when it is empty.
func (s *site) as(session, method, path, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.page+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if session != "" {
		req.Header.Set("Cookie", session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close() // the status is what is asked for
	return resp
}

// replaceConfig changes the site's configuration.
func (s *site) replaceConfig(old, with string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "htgateway.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(with), 1), 0o600); err != nil {
		s.t.Fatal(err)
	}
}
