package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/ax25"
)

// Problem is one thing that is wrong in a file.
type Problem struct {
	File string
	// Line counts from 1; 0 when the problem has no place in the file.
	Line    int
	Message string
}

func (p Problem) String() string {
	switch {
	case p.File == "":
		return p.Message
	case p.Line == 0:
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// ProblemsError is everything that is wrong in the configuration.
type ProblemsError struct{ Problems []Problem }

func (e *ProblemsError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return "configuration has problems:\n  " + strings.Join(lines, "\n  ")
}

var (
	lineNumber   = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
)

// strict decodes YAML into a structure and names every unknown key and every
// value of the wrong type with its line.
func strict(path string, file []byte, into any) []Problem {
	d := yaml.NewDecoder(bytes.NewReader(file))
	d.KnownFields(true)
	err := d.Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	var several *yaml.TypeError
	messages := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if errors.As(err, &several) {
		messages = several.Errors
	}
	var problems []Problem
	for _, m := range messages {
		p := Problem{File: path, Message: m}
		if parts := lineNumber.FindStringSubmatch(m); parts != nil {
			p.Line, _ = strconv.Atoi(parts[1]) // the pattern holds digits only
			p.Message = parts[2]
		}
		if parts := unknownField.FindStringSubmatch(p.Message); parts != nil {
			p.Message = fmt.Sprintf("unknown setting %q", parts[1])
		}
		problems = append(problems, p)
	}
	return problems
}

// lineOf finds where a setting stands in a file: keys and list indices on the way
// from the top; 0 when it is not there.
func lineOf(file []byte, way ...any) int {
	var doc yaml.Node
	if yaml.Unmarshal(file, &doc) != nil || len(doc.Content) == 0 {
		return 0
	}
	n := doc.Content[0]
	for _, step := range way {
		switch s := step.(type) {
		case int:
			if n.Kind != yaml.SequenceNode || s >= len(n.Content) {
				return 0
			}
			n = n.Content[s]
		case string:
			i := keyOf(n, s)
			if n.Kind != yaml.MappingNode || i < 0 || i+1 >= len(n.Content) {
				return n.Line
			}
			n = n.Content[i+1]
		}
	}
	return n.Line
}

// keyOf is where a mapping's key stands among its keys and values, -1 when it has none.
func keyOf(n *yaml.Node, key string) int {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// check looks at what each setting says.
func (c *Config) check(path string, file []byte) []Problem {
	var problems []Problem
	complain := func(message string, way ...any) {
		problems = append(problems, Problem{File: path, Line: lineOf(file, way...), Message: message})
	}
	c.checkRole(complain)
	c.checkJournal(complain)
	c.checkHTTP(complain)
	c.checkBroker(complain)
	c.checkLinks(complain)
	c.checkCodes(complain)
	c.checkAlarms(complain)
	c.checkMesh(complain)
	c.checkStale(complain)
	c.checkDeviceReports(complain)
	c.checkWebhooks(complain)
	c.checkCAD(complain)
	c.checkCoT(complain)
	c.checkMap(complain)
	c.checkRetention(complain)
	if s := c.Telemetry.Store; s != StoreSQLite && s != StoreInflux {
		complain(fmt.Sprintf("telemetry.store is %q, not sqlite or influx", s), "telemetry", "store")
	}
	if c.Telemetry.Store == StoreInflux && c.Telemetry.Influx.Bucket == "" {
		complain("telemetry.influx.bucket is missing", "telemetry", "influx")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		complain(fmt.Sprintf("log.level is %q, not debug, info, warn or error", c.Log.Level), "log", "level")
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		complain(fmt.Sprintf("log.format is %q, not text or json", c.Log.Format), "log", "format")
	}
	a := c.Arrival
	for _, v := range []struct {
		name      string
		value     float64
		low, high float64
	}{
		{"radius_m", a.RadiusM, 1, 10_000}, {"leave_factor", a.LeaveFactor, 1, 10}, {"max_speed_mps", a.MaxSpeedMPS, 0.1, 30},
		{"max_accuracy_m", a.MaxAccuracyM, 1, 1000}, {"max_jump_mps", a.MaxJumpMPS, 10, 1000}, {"dwell", a.Dwell.Seconds(), 0, 3600},
		{"max_gap", a.MaxGap.Seconds(), 0, 86_400}, {"parked", a.Parked.Seconds(), 1, 86_400},
	} {
		if !(v.value >= v.low && v.value <= v.high) { // so that no number (.nan) is none of them either
			complain(fmt.Sprintf("arrival.%s is %v, not between %v and %v", v.name, v.value, v.low, v.high), "arrival", v.name)
		}
	}
	return problems
}

func (c *Config) checkStale(complain func(string, ...any)) {
	if d := c.Tracker.StaleAfter; d < 30*time.Second || d > 6*time.Hour {
		complain(fmt.Sprintf("tracker.stale_after is %v, not between 30s and 6h", d), "tracker", "stale_after")
	}
}

func (c *Config) checkHTTP(complain func(string, ...any)) {
	host, _, err := net.SplitHostPort(c.HTTP.Listen)
	switch {
	case err != nil:
		complain(fmt.Sprintf("http.listen %q is not host:port", c.HTTP.Listen), "http", "listen")
	case !isLoopback(host) && c.HTTP.TokenFile == "" && c.HTTP.UsersFile == "" && c.HTTP.OIDC.Issuer == "":
		complain("http.listen is beyond loopback: set http.users_file or http.token_file", "http", "listen")
	case !isLoopback(host) && (c.HTTP.UsersFile != "" || c.HTTP.OIDC.Issuer != "") && c.HTTP.TLSCert == "":
		complain("http.listen is beyond loopback: passwords would be sent in the clear; set http.tls_cert and tls_key", "http", "listen")
	}
	if (c.HTTP.TLSCert == "") != (c.HTTP.TLSKey == "") {
		complain("http.tls_cert and http.tls_key go together", "http")
	}
	c.checkOIDC(complain)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Config) checkLinks(complain func(string, ...any)) {
	seen := map[string]bool{}
	for i, l := range c.Links {
		if l.ID == "" {
			complain("a link without an id", "links", i)
		}
		if seen[l.ID] {
			complain(fmt.Sprintf("link id %q is there twice", l.ID), "links", i, "id")
		}
		seen[l.ID] = true
		if l.Publish && l.Kind != KindMQTT {
			complain(fmt.Sprintf("link %q: only links of kind mqtt publish", l.ID), "links", i, "publish")
		}
		switch l.Kind {
		case KindSerial:
			if l.Device == "" && l.USBSerial == "" && l.USBVendor == "" {
				complain(fmt.Sprintf("link %q has neither device nor usb_serial nor usb_vendor", l.ID), "links", i)
			}
			for name, id := range map[string]string{"usb_vendor": l.USBVendor, "usb_product": l.USBProduct} {
				if _, err := strconv.ParseUint(id, 16, 16); id != "" && err != nil {
					complain(fmt.Sprintf("link %q: %s %q is not four hexadecimal digits, as lsusb prints them", l.ID, name, id), "links", i, name)
				}
			}
			c.checkLine(l, i, complain)
			if !slices.Contains([]string{"", "none", "odd", "even"}, l.Parity) {
				complain(fmt.Sprintf("link %q: parity %q is not none, odd or even", l.ID, l.Parity), "links", i, "parity")
			}
			if l.StopBits < 0 || l.StopBits > 2 {
				complain(fmt.Sprintf("link %q: stop_bits %d is not 1 or 2", l.ID, l.StopBits), "links", i, "stop_bits")
			}
		case KindTCP:
			if _, _, err := net.SplitHostPort(l.Address); err != nil {
				complain(fmt.Sprintf("link %q: address %q is not host:port", l.ID, l.Address), "links", i)
			}
			c.checkLine(l, i, complain)
		case KindMQTT:
			if l.Broker == "" || l.ClientID == "" || len(l.Topics) == 0 && !l.Publish {
				complain(fmt.Sprintf("link %q needs broker, client_id and topics (or publish: true)", l.ID), "links", i)
			}
		default:
			complain(fmt.Sprintf("link %q: kind %q is not serial, tcp or mqtt", l.ID, l.Kind), "links", i, "kind")
		}
	}
}

// checkLine checks what a link that carries a line's bytes says on it.
func (c *Config) checkLine(l Link, i int, complain func(string, ...any)) {
	e, known := protocol.Find(devices.Protocol(l.Protocol))
	if !known || e.Line == nil {
		complain(fmt.Sprintf("link %q: protocol %q is not one of %v", l.ID, l.Protocol, protocol.Names(protocol.Lines())), "links", i, "protocol")
		return
	}
	if !l.Transmit {
		return
	}
	switch e.Sends {
	case "":
		complain(fmt.Sprintf("link %q: nothing can be sent over protocol %q", l.ID, l.Protocol), "links", i, "transmit")
	case protocol.SendsPackets:
		for _, call := range append([]string{l.CallSign}, l.Path()...) {
			if _, err := ax25.ParseAddress(call); err != nil {
				complain(fmt.Sprintf("link %q sends as %q via %q: %v", l.ID, l.CallSign, l.Via, err), "links", i, "transmit")
			}
		}
	}
}

// Path is Via's digipeaters.
func (l Link) Path() []string {
	if l.Via == "" {
		return nil
	}
	return strings.Split(l.Via, ",")
}

func (c *Config) checkCodes(complain func(string, ...any)) {
	for i, code := range c.Codes {
		if code.Status != "" && !code.Status.Known() {
			complain(fmt.Sprintf("status %q is not one of the known ones", code.Status), "codes", i, "status")
		}
		if code.Family == "" || code.Code == "" {
			complain("a code needs family and code", "codes", i)
		}
	}
}
