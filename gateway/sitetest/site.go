package sitetest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
)

// Site is a gateway as an office would run it: one base station on a serial port
// and a broker for phones.
type Site struct {
	T     testing.TB
	Dir   string        // of its configuration; its data is in data
	Radio *os.File      // the radio's end of the serial line
	Cmd   *exec.Cmd     // the process that runs, or ran last
	Log   *bytes.Buffer // what that process logged

	// CPU is what its ended processes used together, and RSSKiB the most that one held.
	CPU    time.Duration
	RSSKiB int64

	Mu     sync.Mutex // guards Page and Broker, which change when the gateway starts again
	Page   string
	Broker string
}

// PhonePassword is that of every phone of a site.
const PhonePassword = "rahasia"

// New writes the configuration of a site with one radio unit and the given
// phones, and opens the radio's pty.
func New(t testing.TB, phones ...string) *Site {
	t.Helper()
	if testing.Short() {
		t.Skip("runs a whole site")
	}
	radio, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = radio.Close(), line.Close() })
	s := &Site{T: t, Dir: t.TempDir(), Radio: radio}
	units := "units:\n  - {id: damkar-1, call_sign: DAMKAR 1, agency: Damkar, devices: [\"fleetsync:102-1001\"]}\n"
	users := ""
	hash := password.Hash([]byte(PhonePassword))
	for _, p := range phones {
		units += fmt.Sprintf("  - {id: %s, call_sign: %s, agency: PSC 119, devices: [\"field:%s\", \"owntracks:%s/phone\"]}\n", p, strings.ToUpper(p), p, p)
		users += p + ":" + hash + "\n"
	}
	for name, text := range map[string]string{
		"units.yaml": units,
		"users":      users,
		"htgateway.yaml": fmt.Sprintf(`http: {listen: "127.0.0.1:0"}
data: {dir: data}
units_file: units.yaml
mqtt: {embedded: {listen: "127.0.0.1:0", users_file: users}}
links:
  - {id: roof, kind: serial, protocol: kenwood, device: %s}
`, line.Name()),
	} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// NewEdge is a gateway at a remote site, with the password under which the centre
// knows it.
func NewEdge(t *testing.T, name string, phones []string, centres ...string) *Site {
	t.Helper()
	s := New(t, phones...)
	if err := os.WriteFile(filepath.Join(s.Dir, "site-password"), []byte("rahasia situs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Configure(fmt.Sprintf("role: edge\nedge: {site: %s, password_file: site-password, centres: [%s], backlog_per_second: 2000}\n", name, strings.Join(centres, ", ")))
	return s
}

// Configure adds lines to the site's configuration.
func (s *Site) Configure(more string) {
	s.T.Helper()
	f, err := os.OpenFile(filepath.Join(s.Dir, "htgateway.yaml"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := f.WriteString(more); err != nil {
		s.T.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.T.Fatal(err)
	}
}

// ReplaceConfig changes the site's configuration.
func (s *Site) ReplaceConfig(old, with string) {
	s.T.Helper()
	path := filepath.Join(s.Dir, "htgateway.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.T.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(with), 1), 0o600); err != nil {
		s.T.Fatal(err)
	}
}

// WriteFile puts a file beside the site's configuration.
func (s *Site) WriteFile(name, text string) {
	s.T.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(text), 0o600); err != nil {
		s.T.Fatal(err)
	}
}

// AddUnit adds a unit to the site's roster.
func (s *Site) AddUnit(line string) {
	s.T.Helper()
	f, err := os.OpenFile(filepath.Join(s.Dir, "units.yaml"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := f.WriteString("  - " + line + "\n"); err != nil {
		s.T.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.T.Fatal(err)
	}
}

// AddUser adds one to the site's broker, with the phones' password.
func (s *Site) AddUser(name string, role account.Role) {
	s.T.Helper()
	f, err := os.OpenFile(filepath.Join(s.Dir, "users"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.T.Fatal(err)
	}
	u := account.User{Name: name, Hash: password.Hash([]byte(PhonePassword)), Role: role}
	if _, err := f.WriteString(u.String() + "\n"); err != nil {
		s.T.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.T.Fatal(err)
	}
}

// AllowTransmit lets the gateway send through a link.
func (s *Site) AllowTransmit(id string) {
	s.T.Helper()
	path := filepath.Join(s.Dir, "htgateway.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		s.T.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(text, []byte("{id: "+id+","), []byte("{id: "+id+", transmit: true,"), 1), 0o600); err != nil {
		s.T.Fatal(err)
	}
}

// AdmitEdges lets edge sites deliver to a gateway that listens on a port of its own.
func (s *Site) AdmitEdges(names ...string) (url string) {
	s.T.Helper()
	users := ""
	for _, name := range names {
		users += name + ":" + password.Hash([]byte("rahasia situs")) + ":edge\n"
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "users"), []byte(users), 0o600); err != nil {
		s.T.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", FreePort(s.T.(*testing.T)))
	s.ReplaceConfig(`http: {listen: "127.0.0.1:0"}`, fmt.Sprintf("http: {listen: %q}", addr))
	return "http://" + addr
}

// FreePort is a TCP port of this machine that nobody listens on.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
