package mqttbroker_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices/transport/mqttbroker"
)

// openTo opens connections to addr and hands each to whoever wants to cut it.
func openTo(addr string, opened chan<- net.Conn) paho.OpenConnectionFunc {
	return func(*url.URL, paho.ClientOptions) (net.Conn, error) {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			opened <- c
		}
		return c, err
	}
}

// certificate is a self-signed one for 127.0.0.1, and the file that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gateway"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool, file
}

// mosquitto runs one of Mosquitto's clients against an address.
func mosquitto(t *testing.T, program, addr, user string, more ...string) (string, error) {
	t.Helper()
	out, err := exec.Command(program, mosquittoArgs(addr, user, more...)...).CombinedOutput()
	if err != nil && strings.Contains(err.Error(), "not found") {
		t.Fatalf("%v (apt-get install mosquitto-clients)", err)
	}
	return string(out), err
}

func mosquittoArgs(addr, user string, more ...string) []string {
	host, port, _ := net.SplitHostPort(addr)
	return append([]string{"-h", host, "-p", port, "-u", user, "-P", secret}, more...)
}

// TestMosquittoClients tries Debian's clients with both versions of MQTT, on both
// listeners at once.
func TestMosquittoClients(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Mosquitto's clients")
	}
	t.Parallel()
	pair, _, ca := certificate(t)
	s := newShelf()
	b := serve(t, s, people("andi", "budi", "layar:reader"), func(o *mqttbroker.Options) {
		o.TLSListen, o.TLS = "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	})
	for _, version := range []string{"mqttv311", "mqttv5"} {
		for _, qos := range []string{"0", "1", "2"} {
			for addr, more := range map[string][]string{b.Addr(): nil, b.TLSAddr(): {"--cafile", ca}} {
				args := append(more, "-V", version, "-q", qos, "-t", "owntracks/andi/phone", "-m", version+qos)
				if out, err := mosquitto(t, "mosquitto_pub", addr, "andi", args...); err != nil {
					t.Fatalf("%s QoS %s on %s: %v %s", version, qos, addr, err, out)
				}
				if m := s.next(t); string(m.Payload) != version+qos || m.Account != "andi" || m.Refused != "" {
					t.Fatalf("%+v", m)
				}
			}
		}
		out, _ := mosquitto(t, "mosquitto_pub", b.Addr(), "andi", "-V", version, "-q", "1", "-t", "owntracks/budi/phone", "-m", "x")
		if m := s.next(t); m.Refused == "" {
			t.Fatalf("%+v", m)
		}
		// MQTT 5 has a word for it (3.4.2.1), 3.1.1 has none.
		if said := strings.Contains(out, "Not authorized"); said != (version == "mqttv5") {
			t.Errorf("%s: %q", version, out)
		}
		hears(t, b, version, "layar", "owntracks/#", "owntracks/andi/phone", "owntracks/andi/phone/cmd")
		hears(t, b, version, "andi", "owntracks/+/+/cmd", "owntracks/andi/phone/cmd", "owntracks/budi/phone/cmd")
	}
	if _, err := mosquitto(t, "mosquitto_pub", b.TLSAddr(), "andi", "-t", "owntracks/andi/phone", "-m", "x"); err == nil {
		t.Error("no TLS on the TLS listener")
	}
}

// hears subscribes with mosquitto_sub: what the gateway says on one topic comes and
// what it says on another, which is not for this user, does not.
func hears(t *testing.T, b *mqttbroker.Broker, version, user, filter, its, notIts string) {
	t.Helper()
	sub := exec.Command("mosquitto_sub", mosquittoArgs(b.Addr(), user, "-V", version, "-q", "1", "-t", filter, "-v", "-C", "1", "-W", "20")...)
	var heard bytes.Buffer
	sub.Stdout = &heard
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sub.Wait() }()
	again := time.NewTicker(20 * time.Millisecond) // it does not tell when it has subscribed
	defer again.Stop()
	for {
		select {
		case <-again.C:
			for _, topic := range []string{notIts, its} {
				if err := b.Publish(topic, []byte("x"), false); err != nil {
					t.Fatal(err)
				}
			}
		case err := <-ended:
			if err != nil || heard.String() != its+" x\n" {
				t.Errorf("%s with %s heard %q: %v", user, filter, heard.String(), err)
			}
			return
		}
	}
}

func TestPahoOverTLS(t *testing.T) {
	t.Parallel()
	pair, pool, _ := certificate(t)
	s := newShelf()
	b := serve(t, s, people("andi"), func(o *mqttbroker.Options) {
		o.Listen, o.TLSListen, o.TLS = "", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	})
	if b.Addr() != "" {
		t.Fatalf("listens without TLS on %s", b.Addr())
	}
	o := paho.NewClientOptions().AddBroker("ssl://" + b.TLSAddr()).SetUsername("andi").SetPassword(secret).SetTLSConfig(&tls.Config{RootCAs: pool})
	c, err := dial(t, o)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, c, "owntracks/andi/phone", 1, "mine")
	if m := s.next(t); string(m.Payload) != "mine" {
		t.Fatalf("%+v", m)
	}
}
