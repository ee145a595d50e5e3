package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/devices/account/password"
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
