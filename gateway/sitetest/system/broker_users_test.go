package system

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/sitetest"
)

// TestHangupWithOtherUsersKeepsTheOthersSessions adds one user and removes one while
// the gateway runs.
func TestHangupWithOtherUsersKeepsTheOthersSessions(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "psc0", "psc1")
	s.Start()
	lost := make(chan string, 10)
	stays := connectPhone(s, t, "psc0", sitetest.PhonePassword, lost)
	connectPhone(s, t, "psc1", sitetest.PhonePassword, lost)
	file := filepath.Join(s.Dir, "users")
	var out, errs bytes.Buffer
	for _, args := range [][]string{{"add", "--device", "psc2"}, {"remove", "psc1"}} {
		if code := sitetest.Run(context.Background(), t, append(append([]string{"user"}, args...), "--file", file), nil, &out, &errs); code != sitetest.ExitDone {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
	}
	if err := s.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	select {
	case name := <-lost:
		if name != "psc1" {
			t.Fatalf("%s was thrown out", name)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("psc1 is still in\n%s", s.Log)
	}
	_, secret, _ := strings.Cut(strings.TrimSpace(out.String()), "password ")
	connectPhone(s, t, "psc2", secret, lost)
	tok := stays.Publish("htgateway/devices/psc0/report", 1, false, `{"text":"masih di sini"}`)
	if !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatalf("not acknowledged: %v", tok.Error())
	}
	if len(lost) > 0 {
		t.Fatalf("%s was thrown out", <-lost)
	}
	s.Stop()
}

// connectPhone connects one that does not connect again by itself.
func connectPhone(s *sitetest.Site, t *testing.T, name, secret string, lost chan<- string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Broker).SetClientID(name).SetUsername(name).SetPassword(secret).
		SetProtocolVersion(4).SetAutoReconnect(false).SetConnectionLostHandler(func(paho.Client, error) { lost <- name }))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatalf("%s: %v\n%s", name, tok.Error(), s.Log)
	}
	t.Cleanup(func() { c.Disconnect(0) })
	return c
}
