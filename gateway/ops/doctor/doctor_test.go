package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	_ "modernc.org/sqlite"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	journal "htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/doctor"
	"htgateway/telemetry/influx/influxtest"
)

// place is a folder with a configuration; everything in it is real.
type place struct {
	t   *testing.T
	dir string
	now time.Time
	as  doctor.Account
}

func newPlace(t *testing.T, config string) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir(), now: time.Now(), as: doctor.Account{Name: "root"}}
	if !strings.Contains(config, "embedded") {
		config += "\nmqtt: {embedded: {enabled: false}}\n"
	}
	if !strings.Contains(config, "http:") {
		config += "\nhttp: {listen: \"127.0.0.1:0\"}\n"
	}
	p.write("htgateway.yaml", "data: {dir: data}\nunits_file: units.yaml\n"+config)
	p.write("units.yaml", "units: []\n")
	return p
}

func (p *place) write(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *place) examine() ([]doctor.Finding, bool) {
	p.t.Helper()
	s := doctor.Site{File: filepath.Join(p.dir, "htgateway.yaml"), Now: func() time.Time { return p.now }, Account: p.as}
	return s.Examine(p.t.Context())
}

// finds looks for one finding, which has something to do unless it is good.
func (p *place) finds(area string, verdict doctor.Verdict, words string) {
	p.t.Helper()
	findings, _ := p.examine()
	for _, f := range findings {
		if f.Area == area && f.Verdict == verdict && strings.Contains(f.Found.English, words) {
			if verdict != doctor.Good && (f.Do.Indonesian == "" || f.Do.English == "") {
				p.t.Errorf("nothing to do: %+v", f)
			}
			return
		}
	}
	p.t.Errorf("no %s of %s with %q in\n%s", verdict, area, words, listed(findings))
}

func listed(findings []doctor.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%+v\n", f)
	}
	return b.String()
}

func radio(t *testing.T) (device string) {
	t.Helper()
	master, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	name := line.Name()
	if err := line.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close() }) // a radio that is switched off
	return name
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "nonsense: 1\n")
	p.finds("configuration", doctor.Fault, `htgateway.yaml:3: unknown setting "nonsense"`)
	s := doctor.Site{File: filepath.Join(p.dir, "none.yaml"), Now: time.Now}
	if findings, readable := s.Examine(t.Context()); readable || doctor.Worst(findings) != doctor.Fault {
		t.Errorf("%v %s", readable, listed(findings))
	}
}

func TestPorts(t *testing.T) {
	t.Parallel()
	device := radio(t)
	link := func(device string) string {
		return "links: [{id: roof, kind: serial, protocol: kenwood, device: " + device + "}]"
	}
	p := newPlace(t, link(device))
	p.finds("port", doctor.Good, "is there and root may open it")
	p.as = doctor.Account{Name: "htgateway", UID: 64001, Groups: []uint32{64001}}
	p.finds("port", doctor.Fault, "user htgateway may not open it (group ")
	p.as = doctor.Account{Name: "root"}
	held, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	p.finds("port", doctor.Fault, fmt.Sprintf("is in use by doctor.test (process %d)", os.Getpid()))
	newPlace(t, link("/dev/ttyUSB99")).finds("port", doctor.Fault, "is not there")
	newPlace(t, link(filepath.Join(p.dir, "units.yaml"))).finds("port", doctor.Fault, "is no serial port")
	newPlace(t, "links: [{id: roof, kind: serial, protocol: kenwood, usb_serial: NONE1}]").finds("port", doctor.Fault, "serial number NONE1")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tnc := newPlace(t, fmt.Sprintf("links: [{id: tnc, kind: tcp, protocol: kiss, address: %q}]", l.Addr()))
	tnc.finds("port", doctor.Good, "answers")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	tnc.finds("port", doctor.Fault, "cannot be reached")
}

func TestBrokers(t *testing.T) {
	t.Parallel()
	broker := mosquittotest.Start(t)
	p := newPlace(t, fmt.Sprintf("links: [{id: county, kind: mqtt, broker: \"tcp://%s\", client_id: g, username: %s, password_file: password, topics: [\"owntracks/#\"]}]",
		broker.Addr, mosquittotest.Gateway))
	p.write("password", mosquittotest.Password)
	p.finds("broker", doctor.Good, "lets us in")
	p.write("password", "wrong")
	p.finds("broker", doctor.Fault, "does not let us in: not Authorized")
	broker.Kill()
	p.finds("broker", doctor.Fault, "connection refused")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := newPlace(t, fmt.Sprintf("mqtt: {embedded: {listen: %q}}", l.Addr()))
	taken.finds("broker", doctor.Fault, "address already in use")
	taken.finds("broker", doctor.Warning, "without users no phone gets in")
}

func TestDiskAndJournal(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "")
	p.finds("disk", doctor.Warning, "is not there yet")
	p.finds("journal", doctor.Warning, "is not there yet")
	path := p.write("data/journal.db", "")
	j, err := journal.Open(t.Context(), path, journal.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	p.finds("gateway", doctor.Good, "runs")
	p.finds("journal", doctor.Good, "0 entries, the file is sound")
	p.finds("disk", doctor.Good, "until it is on the disk")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	p.finds("gateway", doctor.Warning, "does not run")
	p.as = doctor.Account{Name: "htgateway", UID: 64001}
	p.finds("disk", doctor.Fault, "htgateway may not write here")

	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	p.finds("journal", doctor.Fault, "its schema is 999")
	p.write("data/journal.db", strings.Repeat("no database ", 1000))
	p.finds("journal", doctor.Fault, "file is not a database")
	file := newPlace(t, "")
	file.write("data", "a file")
	file.finds("disk", doctor.Fault, "is no folder")
}

func TestStore(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "")
	p.write("data/series.db", strings.Repeat("no database ", 1000))
	p.finds("store", doctor.Fault, "file is not a database")
	server := influxtest.Start(t)
	config := "telemetry: {store: influx, influx: {url: %q, bucket: %q}}\n"
	bucket := server.Bucket(t)
	newPlace(t, fmt.Sprintf(config, server.URL, bucket)).finds("store", doctor.Good, "takes writes to "+bucket)
	newPlace(t, fmt.Sprintf(config, server.URL, "nobody/autogen")).finds("store", doctor.Fault, "database not found")
	server.Kill(t)
	newPlace(t, fmt.Sprintf(config, server.URL, bucket)).finds("store", doctor.Fault, "connection refused")
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	p := newPlace(t, `http: {listen: "0.0.0.0:0", users_file: users, tls_cert: cert.pem, tls_key: key.pem}`)
	p.write("users", "siti:dispatcher:hash\n")
	p.certify(p.now.Add(10*24*time.Hour + time.Hour))
	p.finds("users", doctor.Warning, "1 users, none of them an admin")
	p.finds("certificate", doctor.Warning, "in 10 days")
	p.write("users", "siti:admin:hash\n")
	p.finds("users", doctor.Good, "1 of them admins")
	p.now = p.now.Add(11 * 24 * time.Hour)
	p.finds("certificate", doctor.Fault, "ended on")
	p.certify(p.now.Add(time.Hour * 24 * 365))
	p.finds("certificate", doctor.Good, "valid until")
	p.write("users", "siti:queen:hash\n")
	p.finds("users", doctor.Fault, "users:1")
	if err := os.Chmod(filepath.Join(p.dir, "key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.finds("secret", doctor.Warning, "anybody on this machine can read it")
	if err := os.Chmod(filepath.Join(p.dir, "key.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.as = doctor.Account{Name: "htgateway", UID: 64001}
	p.finds("secret", doctor.Fault, "htgateway may not read it")

	open := newPlace(t, `http: {listen: "0.0.0.0:0"}`)
	open.finds("http", doctor.Fault, "open to the network without users")
	token := newPlace(t, `http: {listen: "0.0.0.0:0", token_file: token}`)
	token.write("token", "a long enough token for a script")
	token.finds("http", doctor.Warning, "without TLS")
	hook := newPlace(t, `webhooks: [{id: cad, url: "http://127.0.0.1:1/x", secret_file: secret}]`)
	hook.write("secret", "a long enough secret for a hook")
	hook.finds("webhook", doctor.Fault, "connection refused")
}

// certify makes a certificate of its own that ends at a time.
func (p *place) certify(until time.Time) {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.AddDate(-1, 0, -1), NotAfter: until}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		p.t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	p.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})))
}

func TestClockIsAskedFor(t *testing.T) {
	t.Parallel()
	findings, _ := newPlace(t, "").examine()
	for _, f := range findings {
		if f.Area == "clock" && f.Found.English != "" && f.Found.Indonesian != "" {
			return
		}
	}
	t.Errorf("%s", listed(findings))
}
