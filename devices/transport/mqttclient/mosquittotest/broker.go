package mosquittotest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Options of a broker.
type Options struct {
	// Users may connect, all with [Password]; "gateway" always may. Every other one
	// publishes and reads as a field device does, by patterns in acl_file.
	Users []string
	// TLS has the broker ask for a client certificate of its own CA.
	TLS bool
	// Volatile keeps nothing on disk.
	Volatile bool
	// Anonymous lets anybody in, to do anything.
	Anonymous bool
	// Unhurried sends a subscriber any number of messages before the first of them is
	// acknowledged, where the default is twenty.
	Unhurried bool
}

// The gateway's user, who may read and write everything, and everybody's password.
const (
	Gateway  = "gateway"
	Password = "rahasia"
)

// Broker is one mosquitto in a directory of its own, on loopback, with
// password_file and acl_file.
type Broker struct {
	// Addr is host and port.
	Addr string
	// Certificates are set with [Options.TLS].
	Certificates

	t     testing.TB
	place string
	cmd   *exec.Cmd
}

// Start runs a broker for these phones until the test ends.
func Start(t testing.TB, phones ...string) *Broker {
	t.Helper()
	return StartWith(t, Options{Users: phones})
}

// StartWith runs a broker until the test ends.
func StartWith(t testing.TB, o Options) *Broker {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Mosquitto")
	}
	b := &Broker{Addr: freeAddress(t), t: t, place: t.TempDir()}
	_, port, err := net.SplitHostPort(b.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// As root it would become a user who may not read the test's folder.
	config := fmt.Sprintf("user root\nlistener %s 127.0.0.1\nmax_queued_messages 0\nallow_anonymous %v\n", port, o.Anonymous)
	if !o.Anonymous {
		config += fmt.Sprintf("password_file %s\nacl_file %s\n", b.path("passwords"), b.path("acl"))
	}
	if o.Unhurried {
		config += "max_inflight_messages 0\n"
	}
	if !o.Volatile {
		config += fmt.Sprintf("persistence true\npersistence_location %s/\nautosave_interval 1\n", b.place)
	}
	if o.TLS {
		b.Certificates = makeCertificates(t, b.place)
		config += fmt.Sprintf("cafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n", b.CAFile, b.path("broker.pem"), b.path("broker.key"))
	}
	passwords := ""
	for _, u := range append([]string{Gateway}, o.Users...) {
		passwords += u + ":" + Password + "\n"
	}
	for name, text := range map[string]string{
		"mosquitto.conf": config,
		"passwords":      passwords,
		"acl":            "pattern readwrite owntracks/%u/#\nuser gateway\ntopic readwrite #\n\npattern write htgateway/devices/%u/report\n",
	} {
		if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("mosquitto_passwd", "-U", b.path("passwords")).CombinedOutput(); err != nil { // #nosec G204 -- a test's own broker
		t.Fatalf("cannot make a password file (apt-get install mosquitto): %v %s", err, out)
	}
	b.Start()
	t.Cleanup(b.Kill)
	return b
}

func (b *Broker) path(name string) string { return filepath.Join(b.place, name) }

// Start runs the broker again, on the same address, and returns once it listens.
func (b *Broker) Start() {
	b.t.Helper()
	path, err := exec.LookPath("mosquitto")
	if err != nil {
		path = "/usr/sbin/mosquitto" // where Debian puts it, not in everybody's path
	}
	b.cmd = exec.Command(path, "-c", b.path("mosquitto.conf")) // #nosec G204 -- a test's own broker
	said := &strings.Builder{}
	b.cmd.Stderr = said
	if err := b.cmd.Start(); err != nil {
		b.t.Fatalf("cannot start mosquitto (apt-get install mosquitto): %v", err)
	}
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(20 * time.Second); ; {
		if c, err := net.Dial("tcp", b.Addr); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			b.Kill()
			b.t.Fatalf("mosquitto does not listen: %s", said)
		}
	}
}

// Process is the broker's process id.
func (b *Broker) Process() int { return b.cmd.Process.Pid }

// Stop ends the broker as a service manager would: it writes its store.
func (b *Broker) Stop() {
	_ = b.cmd.Process.Signal(os.Interrupt) // it may have ended
	_ = b.cmd.Wait()
}

// Kill ends it as a power switch would. A second time does nothing.
func (b *Broker) Kill() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// Written is from when on a broker that is killed now loses what it acknowledged: a
// moment before its store was written for the last time.
func (b *Broker) Written() time.Time {
	b.t.Helper()
	const writing = 250 * time.Millisecond // how long that takes, amply
	info, err := os.Stat(b.path("mosquitto.db"))
	if os.IsNotExist(err) {
		return time.Time{} // never yet
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return info.ModTime().Add(-writing)
}

// AwaitWritten returns once the store was written after a time.
func (b *Broker) AwaitWritten(after time.Time) {
	b.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.After(20 * time.Second); !b.Written().After(after); {
		select {
		case <-again.C:
		case <-deadline:
			b.t.Fatalf("mosquitto does not write its store")
		}
	}
}

// Forget removes the store of a broker that does not run: sessions, subscriptions
// and queues are gone.
func (b *Broker) Forget() {
	b.t.Helper()
	if err := os.Remove(b.path("mosquitto.db")); err != nil {
		b.t.Fatal(err)
	}
}

// Publish sends one message with QoS 1 by mosquitto_pub.
func (b *Broker) Publish(topic, payload string, more ...string) {
	b.t.Helper()
	_, port, err := net.SplitHostPort(b.Addr)
	if err != nil {
		b.t.Fatal(err)
	}
	args := append([]string{"-h", "127.0.0.1", "-p", port, "-u", Gateway, "-P", Password, "-q", "1", "-t", topic, "-m", payload}, more...)
	if b.CAFile != "" {
		args = append(args, "--cafile", b.CAFile, "--cert", b.CertFile, "--key", b.KeyFile)
	}
	if out, err := exec.Command("mosquitto_pub", args...).CombinedOutput(); err != nil { // #nosec G204 -- a test's own broker
		b.t.Fatalf("mosquitto_pub (apt-get install mosquitto-clients): %v %s", err, out)
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
