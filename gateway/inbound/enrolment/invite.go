package enrolment

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// Whereabouts say how a phone reaches the gateway.
type Whereabouts struct {
	// URL is the page's address without a path.
	URL string
	// BrokerPort is the embedded broker's, empty where there is none; BrokerTLS tells
	// whether it speaks TLS, BrokerLocal whether it listens on loopback only.
	BrokerPort             string
	BrokerTLS, BrokerLocal bool
}

// Invitation is what a phone is shown to become a unit's device.
type Invitation struct {
	App string `json:"app,omitzero"`
	// URL opens the keypad with its token, or configures OwnTracks.
	URL string `json:"url,omitzero"`
	// QR is the URL as a picture, a data: URL of SVG.
	QR string `json:"qr,omitzero"`
	// Topic is where a program publishes, Broker where (host and port).
	Topic  string `json:"topic,omitzero"`
	Broker string `json:"broker,omitzero"`
	// Warning says in both languages why a phone will not get there.
	Warning string `json:"warning,omitzero"`
}

// Invite makes the invitation for fresh secrets.
func (s Secrets) Invite(app, callSign string, where Whereabouts) (Invitation, error) {
	u, err := url.Parse(where.URL)
	if err != nil || u.Host == "" {
		return Invitation{}, fmt.Errorf("address %q is not a URL with a host", where.URL)
	}
	in := Invitation{App: app, Warning: warning(app, u, where)}
	switch app {
	case Keypad:
		u.Path = "/keypad/"
		// The fragment stays in the phone: no server and no log sees it.
		u.Fragment = ""
		in.URL = u.String() + "#" + url.Values{
			"device": {strings.TrimPrefix(string(s.Device), "field:")}, "token": {s.Token}, "unit": {callSign},
		}.Encode()
	case OwnTracks:
		if where.BrokerPort != "" {
			in.Broker = net.JoinHostPort(u.Hostname(), where.BrokerPort)
			in.Topic = "owntracks/" + s.User + "/phone"
		}
		if in.URL, err = s.ownTracks(u, callSign, where); err != nil {
			return Invitation{}, err
		}
	case MQTT:
		in.Broker = net.JoinHostPort(u.Hostname(), where.BrokerPort)
		in.Topic = "htgateway/devices/" + s.User + "/report"
		scheme := "mqtt"
		if where.BrokerTLS {
			scheme = "mqtts"
		}
		in.URL = (&url.URL{Scheme: scheme, User: url.UserPassword(s.User, s.Password), Host: in.Broker}).String()
	}
	in.QR, err = picture(in.URL)
	return in, err
}

func warning(app string, u *url.URL, where Whereabouts) string {
	switch ip := net.ParseIP(u.Hostname()); {
	case u.Hostname() == "localhost" || ip != nil && ip.IsLoopback():
		return "Alamat ini hanya ada di komputer ini; ponsel tidak bisa mencapainya (http.listen, http.public_url). / This address is of this machine only; no phone reaches it (http.listen, http.public_url)."
	case app == Keypad && u.Scheme != "https":
		return "Tanpa TLS tombol tidak bekerja tanpa jaringan dan tidak mendapat posisi (http.tls_cert). / Without TLS the keypad neither works without network nor gets a position (http.tls_cert)."
	case app != Keypad && where.BrokerPort == "":
		if u.Scheme != "https" {
			return "Tanpa TLS kata sandi terkirim terbuka (http.tls_cert). / Without TLS the password travels in the clear (http.tls_cert)."
		}
	case app != Keypad && where.BrokerLocal:
		return "Broker hanya mendengar di komputer ini (mqtt.embedded.listen). / The broker listens on this machine only (mqtt.embedded.listen)."
	case app != Keypad && !where.BrokerTLS:
		return "Tanpa TLS kata sandi terkirim terbuka (mqtt.embedded.tls_cert). / Without TLS the password travels in the clear (mqtt.embedded.tls_cert)."
	}
	return ""
}

// ownTracks is the URL that configures the OwnTracks app.
//
// Source: OwnTracks Booklet, "Remote configuration" and "JSON", _type=configuration:
// mode 0 is MQTT and 3 HTTP, monitoring 2 is move mode, pubQos 1 is acknowledged
// delivery.
func (s Secrets) ownTracks(u *url.URL, callSign string, where Whereabouts) (string, error) {
	settings := map[string]any{
		"_type": "configuration", "auth": true, "username": s.User, "password": s.Password, "deviceId": "phone",
		"tid": tracker(callSign), "monitoring": 2, "cmd": true, "remoteConfiguration": true, "extendedData": true,
	}
	if where.BrokerPort == "" {
		settings["mode"], settings["url"] = 3, u.JoinPath("pub").String()
	} else {
		port, err := strconv.Atoi(where.BrokerPort)
		if err != nil {
			return "", fmt.Errorf("broker port %q is no number: %w", where.BrokerPort, err)
		}
		maps.Copy(settings, map[string]any{
			"mode": 0, "host": u.Hostname(), "port": port, "tls": where.BrokerTLS, "clientId": s.User + "-phone",
			"pubQos": 1, "subQos": 1, "pubRetain": false, "cleanSession": false,
		})
	}
	config, err := json.Marshal(settings)
	if err != nil {
		return "", fmt.Errorf("cannot write the OwnTracks configuration: %w", err)
	}
	return "owntracks:///config?inline=" + url.QueryEscape(base64.StdEncoding.EncodeToString(config)), nil
}

// tracker is the two letters that OwnTracks shows, from the end of a call sign.
func tracker(callSign string) string {
	plain := notInID.ReplaceAllString(strings.ToLower(callSign), "")
	return strings.ToUpper(plain[max(0, len(plain)-2):])
}

// quiet is the light margin around a QR code, in modules (ISO/IEC 18004, 9.1).
const quiet = 4

// picture draws a QR code as a data: URL of SVG.
func picture(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("cannot draw a QR code of %d bytes: %w", len(text), err)
	}
	size := code.Bounds().Dx()
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="`, size+2*quiet)
	for y := range size {
		for x := range size {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&svg, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	svg.WriteString(`"/></svg>`)
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(svg.Bytes()), nil
}
