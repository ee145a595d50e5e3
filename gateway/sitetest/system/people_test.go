package system

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// TestPeopleSignInWithTheirRoles runs the gateway with users and asks as each.
func TestPeopleSignInWithTheirRoles(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	file := filepath.Join(s.Dir, "people")
	secrets := map[string]string{}
	for _, role := range []string{"viewer", "dispatcher", "analyst", "admin"} {
		var out, errs bytes.Buffer
		if code := sitetest.Run(context.Background(), t, []string{"user", "add", role + "-1", "--role", role, "--file", file}, nil, &out, &errs); code != sitetest.ExitDone {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
		secrets[role] = secret
	}
	s.ReplaceConfig("http: {", "http: {users_file: people, ")
	s.Start()
	if resp := statusAs(s, "", http.MethodGet, "/api/v1/units", ""); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", resp.StatusCode)
	}
	const call = `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`
	for role, want := range map[string]int{"viewer": 403, "dispatcher": 201, "analyst": 403, "admin": 403} {
		session := s.SignIn(role+"-1", secrets[role])
		if resp := statusAs(s, session, http.MethodGet, "/api/v1/incidents", ""); resp.StatusCode != http.StatusOK {
			t.Errorf("%s reads incidents: %d", role, resp.StatusCode)
		}
		if resp := statusAs(s, session, http.MethodPost, "/api/v1/incidents", call); resp.StatusCode != want {
			t.Errorf("%s takes a call: %d, want %d", role, resp.StatusCode, want)
		}
	}
	text, err := os.ReadFile(filepath.Join(s.Dir, "data", "sessions.json"))
	if err != nil || strings.Contains(string(text), secrets["viewer"]) {
		t.Errorf("sessions: %v", err)
	}
	s.Stop()
	if strings.Contains(s.Log.String(), secrets["dispatcher"]) {
		t.Error("a password stands in the log")
	}
}

// statusAs makes a request with a session, or without one when it is empty.
func statusAs(s *sitetest.Site, session, method, path, body string) *http.Response {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), method, s.Page+path, strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	if session != "" {
		req.Header.Set("Cookie", session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	_ = resp.Body.Close() // the status is what is asked for
	return resp
}
