// Package mosquittotest runs a real Mosquitto for tests, with passwords and an access
// list, as a county's own broker has them.
package mosquittotest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// The gateway's user, who may read and write everything, and everybody's password.
const (
	Gateway  = "gateway"
	Password = "rahasia"
)

// Broker is a Mosquitto that keeps its sessions over a restart.
type Broker struct {
	// Addr is its host and port, the same after a restart.
	Addr string

	t     testing.TB
	place string
	cmd   *exec.Cmd
}

// Start runs a broker until the test ends. Each phone may use its own
// owntracks/<phone>/ topics only.
func Start(t testing.TB, phones ...string) *Broker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &Broker{t: t, place: t.TempDir(), Addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"passwords": "",
		"acl":       "pattern readwrite owntracks/%u/#\nuser " + Gateway + "\ntopic readwrite #\n",
		"mosquitto.conf": fmt.Sprintf("user root\nlistener %s 127.0.0.1\nallow_anonymous false\npassword_file %[2]s/passwords\nacl_file %[2]s/acl\npersistence true\npersistence_location %[2]s/\nautosave_interval 1\nmax_queued_messages 0\n",
			b.port(), b.place),
	} {
		if err := os.WriteFile(filepath.Join(b.place, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, user := range append(phones, Gateway) {
		if out, err := exec.Command("mosquitto_passwd", "-b", filepath.Join(b.place, "passwords"), user, Password).CombinedOutput(); err != nil {
			t.Fatalf("cannot make a password file (apt-get install mosquitto): %v %s", err, out)
		}
	}
	b.Start()
	t.Cleanup(b.Stop)
	return b
}

func (b *Broker) port() string {
	_, port, _ := net.SplitHostPort(b.Addr) // a listener's own address
	return port
}

// Start runs it again and returns once it listens.
func (b *Broker) Start() {
	b.t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto"
	}
	b.cmd = exec.Command(path, "-c", filepath.Join(b.place, "mosquitto.conf"))
	if err := b.cmd.Start(); err != nil {
		b.t.Fatalf("cannot start mosquitto (apt-get install mosquitto): %v", err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		c, err := net.Dial("tcp", b.Addr)
		if err == nil {
			_ = c.Close()
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatal("mosquitto does not listen")
		}
	}
}

// Stop ends it as a service manager would.
func (b *Broker) Stop() {
	_ = b.cmd.Process.Signal(os.Interrupt)
	_ = b.cmd.Wait()
}

// Publish sends one message with QoS 1 as the gateway's user.
func (b *Broker) Publish(topic, payload string, more ...string) {
	b.t.Helper()
	args := append([]string{"-h", "127.0.0.1", "-p", b.port(), "-u", Gateway, "-P", Password, "-q", "1", "-t", topic, "-m", payload}, more...)
	if out, err := exec.Command("mosquitto_pub", args...).CombinedOutput(); err != nil {
		b.t.Fatalf("mosquitto_pub: %v %s", err, out)
	}
}
