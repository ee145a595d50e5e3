package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"

	"htgateway/devices/account"
)

// EmbeddedLink is the id of the broker in the process among the links.
const EmbeddedLink = "mqtt"

// MQTT is the broker in the process.
type MQTT struct {
	Embedded struct {
		Enabled bool `yaml:"enabled"`
		// Listen takes connections without TLS, TLSListen with it. With a certificate
		// and no TLSListen, Listen is the one with TLS.
		Listen         string `yaml:"listen"`
		TLSListen      string `yaml:"tls_listen"`
		UsersFile      string `yaml:"users_file"`
		AllowAnonymous bool   `yaml:"allow_anonymous"`
		TLSCert        string `yaml:"tls_cert"`
		TLSKey         string `yaml:"tls_key"`
		// MaxConnections at most, DeviceConnections of one user; DeviceRate messages a
		// second from one user, and DeviceBurst at once.
		MaxConnections    int     `yaml:"max_connections"`
		DeviceConnections int     `yaml:"device_connections"`
		DeviceRate        float64 `yaml:"device_rate"`
		DeviceBurst       float64 `yaml:"device_burst"`
		// Users are read from UsersFile.
		Users map[string]account.User `yaml:"-"`
	} `yaml:"embedded"`
}

// Addresses are where the broker in the process listens, without TLS and with it.
func (m MQTT) Addresses() (plain, secure string) {
	e := m.Embedded
	if e.TLSCert != "" && e.TLSListen == "" {
		return "", e.Listen
	}
	return e.Listen, e.TLSListen
}

// SameButUsers tells whether two configurations differ in nothing but the broker's
// users, if in that: a gateway that runs can take those without starting again.
func (c Config) SameButUsers(other Config) bool {
	if len(c.MQTT.Embedded.Users) == 0 || len(other.MQTT.Embedded.Users) == 0 {
		return false // whether phones may post at all is settled at the start
	}
	if !slices.Equal(c.Sites(), other.Sites()) {
		return false // each is a link of its own
	}
	c.MQTT.Embedded.Users, other.MQTT.Embedded.Users = nil, nil
	return c.MQTT.Embedded.Enabled && reflect.DeepEqual(c, other)
}

func (c *Config) checkBroker(complain func(string, ...any)) {
	e := c.MQTT.Embedded
	if !e.Enabled {
		return
	}
	at := func(name string) []any { return []any{"mqtt", "embedded", name} }
	if (e.TLSCert == "") != (e.TLSKey == "") {
		complain("mqtt.embedded.tls_cert and tls_key go together", "mqtt", "embedded")
	}
	if e.Listen == "" && e.TLSListen == "" {
		complain("mqtt.embedded.listen and tls_listen are both empty: set one, or enabled: false", at("listen")...)
	}
	if e.TLSListen != "" && e.TLSCert == "" {
		complain("mqtt.embedded.tls_listen needs mqtt.embedded.tls_cert and tls_key", at("tls_listen")...)
	}
	for name, addr := range map[string]string{"listen": e.Listen, "tls_listen": e.TLSListen} {
		host, _, err := net.SplitHostPort(addr)
		switch {
		case addr == "":
		case err != nil:
			complain(fmt.Sprintf("mqtt.embedded.%s %q is not host:port", name, addr), at(name)...)
		case isLoopback(host):
		case e.AllowAnonymous:
			complain(fmt.Sprintf("mqtt.embedded.allow_anonymous is for loopback only, and %s is not", name), at("allow_anonymous")...)
		case name == "listen" && (e.TLSCert == "" || e.TLSListen != ""):
			complain("mqtt.embedded.listen is beyond loopback without TLS: passwords would be read on the way. Set tls_cert and tls_key, and tls_listen for a second listener", at("listen")...)
		}
	}
	for _, v := range []struct {
		name      string
		value     float64
		low, high float64
	}{
		{"max_connections", float64(e.MaxConnections), 1, 100_000}, {"device_connections", float64(e.DeviceConnections), 1, 100_000},
		{"device_rate", e.DeviceRate, 0.1, 1e6}, {"device_burst", e.DeviceBurst, 1, 1e7},
	} {
		if !(v.value >= v.low && v.value <= v.high) {
			complain(fmt.Sprintf("mqtt.embedded.%s is %v, not between %v and %v", v.name, v.value, v.low, v.high), at(v.name)...)
		}
	}
}

// readUsers reads a users file that has to be there; every wrong line is a problem.
func readUsers(path string) ([]account.User, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return nil, fmt.Errorf("cannot read the users: %w", err)
	}
	defer f.Close()
	users, err := account.Read(f)
	if err == nil {
		return users, nil
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, err
	}
	var problems []Problem
	for _, e := range several.Unwrap() {
		p := Problem{File: path, Message: e.Error()}
		if line := (*account.LineError)(nil); errors.As(e, &line) {
			p.Line, p.Message = line.Line, line.Err.Error()
		}
		problems = append(problems, p)
	}
	return nil, &ProblemsError{problems}
}
