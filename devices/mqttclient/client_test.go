package mqttclient_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/mqttclient"
)

// mosquitto is a real broker with a password and an access list.
type mosquitto struct {
	place, addr string
	cmd         *exec.Cmd
}

func newMosquitto(t *testing.T) *mosquitto {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mosquitto{place: t.TempDir(), addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(m.addr)
	files := map[string]string{
		"acl": "user gateway\ntopic readwrite #\n",
		"mosquitto.conf": fmt.Sprintf("user root\nlistener %s 127.0.0.1\nallow_anonymous false\npassword_file %s/passwords\nacl_file %s/acl\npersistence true\npersistence_location %s/\nautosave_interval 1\nmax_queued_messages 0\n",
			port, m.place, m.place, m.place),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.place, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("mosquitto_passwd", "-b", "-c", filepath.Join(m.place, "passwords"), "gateway", "rahasia").CombinedOutput(); err != nil {
		t.Fatalf("cannot make a password file (apt-get install mosquitto): %v %s", err, out)
	}
	m.start(t)
	t.Cleanup(m.stop)
	return m
}

func (m *mosquitto) start(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto"
	}
	m.cmd = exec.Command(path, "-c", filepath.Join(m.place, "mosquitto.conf"))
	if err := m.cmd.Start(); err != nil {
		t.Fatalf("cannot start mosquitto (apt-get install mosquitto): %v", err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", m.addr)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("mosquitto does not listen")
		}
	}
}

func (m *mosquitto) stop() {
	_ = m.cmd.Process.Signal(os.Interrupt)
	_ = m.cmd.Wait()
}

func (m *mosquitto) publish(t *testing.T, topic, payload string, more ...string) {
	t.Helper()
	_, port, _ := net.SplitHostPort(m.addr)
	args := append([]string{"-h", "127.0.0.1", "-p", port, "-u", "gateway", "-P", "rahasia", "-q", "1", "-t", topic, "-m", payload}, more...)
	if out, err := exec.Command("mosquitto_pub", args...).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_pub: %v %s", err, out)
	}
}

// shelf is an intake that refuses a number of messages before it takes one.
type shelf struct {
	refusals atomic.Int64
	taken    chan devices.Message
}

func (s *shelf) Take(_ context.Context, messages ...devices.Message) error {
	if s.refusals.Add(-1) >= 0 {
		return errors.New("disk full")
	}
	for _, m := range messages {
		s.taken <- m
	}
	return nil
}

func connect(t *testing.T, broker string, s *shelf) (*mqttclient.Client, chan mqttclient.State) {
	t.Helper()
	states := make(chan mqttclient.State, 100)
	c := mqttclient.New(mqttclient.Settings{
		ID: "county", Broker: "tcp://" + broker, ClientID: "htgateway-test", Username: "gateway", Password: "rahasia", Topics: []string{"owntracks/#"},
	}, s, time.Now, slog.New(slog.DiscardHandler), func(s mqttclient.State) { states <- s })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return c, states
}

func await(t *testing.T, states chan mqttclient.State, name string) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		select {
		case s := <-states:
			if s.Name == name {
				return
			}
		case <-deadline:
			t.Fatalf("never %s", name)
		}
	}
}

func take(t *testing.T, s *shelf) devices.Message {
	t.Helper()
	select {
	case m := <-s.taken:
		return m
	case <-time.After(40 * time.Second):
		t.Fatal("no message")
		return devices.Message{}
	}
}

func TestMessagesAreTriedUntilTheJournalTakesThem(t *testing.T) {
	t.Parallel()
	broker := newMosquitto(t)
	s := &shelf{taken: make(chan devices.Message, 10)}
	s.refusals.Store(1)
	_, states := connect(t, broker.addr, s)
	await(t, states, "up")
	broker.publish(t, "owntracks/andi/phone", "one")
	broker.publish(t, "owntracks/andi/phone", "two")
	if a, b := take(t, s), take(t, s); string(a.Payload) != "one" || string(b.Payload) != "two" {
		t.Fatalf("%q then %q", a.Payload, b.Payload)
	}
}

func TestRetainedMessageIsMarked(t *testing.T) {
	t.Parallel()
	broker := newMosquitto(t)
	broker.publish(t, "owntracks/andi/phone", "old", "-r")
	s := &shelf{taken: make(chan devices.Message, 10)}
	connect(t, broker.addr, s)
	if m := take(t, s); !m.Retained {
		t.Fatalf("%+v", m)
	}
}

func TestBrokerRestartLosesNothingThatItKept(t *testing.T) {
	t.Parallel()
	broker := newMosquitto(t)
	s := &shelf{taken: make(chan devices.Message, 10)}
	c, states := connect(t, broker.addr, s)
	await(t, states, "up")
	broker.stop()
	await(t, states, "down")
	if err := c.Publish(t.Context(), "x", nil, false); !errors.Is(err, mqttclient.ErrNotConnected) {
		t.Fatalf("publish while down: %v", err)
	}
	broker.start(t)
	broker.publish(t, "owntracks/andi/phone", "queued for the session")
	if m := take(t, s); string(m.Payload) != "queued for the session" {
		t.Fatalf("%+v", m)
	}
}
