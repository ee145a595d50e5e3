package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func TestDeviceUsersAreAddedListedAndRemoved(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(file, []byte("# phones of the north\nlama:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		exit int
		says string
	}{
		{"add --device psc1 --file", exitDone, "password "},
		{"add --device psc1 --file", exitUsage, "already"},
		{"add --device bukit --role mesh --file", exitUsage, "--node"},
		{"add --device bukit --role mesh --node !7D --file", exitUsage, "eight hexadecimal digits"},
		{"add --device bukit --role mesh --node !7d5a1c2e --file", exitDone, "password "},
		{"add --device layar --role reader --file", exitDone, "password "},
		{"add --device a/b --file", exitUsage, "not allowed"},
		{"add --device budi --role dispatcher --file", exitUsage, `"dispatcher"`},
		{"password layar --file", exitDone, "password "},
		{"remove psc1 --file", exitDone, ""},
		{"remove psc1 --file", exitUsage, "no such user"},
	} {
		var out, errs bytes.Buffer
		code := run(context.Background(), append([]string{"user"}, append(strings.Fields(c.args), file)...), nil, &out, &errs)
		if code != c.exit || !strings.Contains(out.String()+errs.String(), c.says) {
			t.Errorf("%s: exit %d, %s%s", c.args, code, out.String(), errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"user", "list", "--file", file}, nil, &out, &errs); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	if got != "bukit mesh !7d5a1c2e lama device layar reader" {
		t.Errorf("%q", got)
	}
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "# phones of the north\nlama:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5\nbukit:") {
		t.Errorf("%v\n%s", err, text)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info, err)
	}
}

// TestHangupWithOtherUsersKeepsTheOthersSessions adds one user and removes one while
// the gateway runs.
func TestHangupWithOtherUsersKeepsTheOthersSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "psc0", "psc1")
	s.start()
	lost := make(chan string, 10)
	stays := s.phone(t, "psc0", phonePassword, lost)
	s.phone(t, "psc1", phonePassword, lost)
	file := filepath.Join(s.dir, "users")
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"add", "--device", "psc2"}, {"remove", "psc1"}} {
		if code := run(context.Background(), append(append([]string{"user"}, args...), "--file", file), nil, &out, &errs); code != exitDone {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
	}
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	select {
	case name := <-lost:
		if name != "psc1" {
			t.Fatalf("%s was thrown out", name)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("psc1 is still in\n%s", s.log)
	}
	_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
	s.phone(t, "psc2", secret, lost)
	tok := stays.Publish("htgateway/devices/psc0/report", 1, false, `{"text":"masih di sini"}`)
	if !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatalf("not acknowledged: %v", tok.Error())
	}
	if len(lost) > 0 {
		t.Fatalf("%s was thrown out", <-lost)
	}
	s.stop()
}

// phone connects one that does not connect again by itself.
func (s *site) phone(t *testing.T, name, secret string, lost chan<- string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.broker).SetClientID(name).SetUsername(name).SetPassword(secret).
		SetProtocolVersion(4).SetAutoReconnect(false).SetConnectionLostHandler(func(paho.Client, error) { lost <- name }))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatalf("%s: %v\n%s", name, tok.Error(), s.log)
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}
