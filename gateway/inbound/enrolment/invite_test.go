package enrolment_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"htgateway/gateway/inbound/enrolment"
)

func TestInvitationsLeadToTheGateway(t *testing.T) {
	t.Parallel()
	s := enrolment.Secrets{Device: "owntracks:damkar-2-ab/phone", Token: "T", User: "damkar-2-ab", Password: "P+/"}
	const office = "https://psc.example.id:8443"
	for _, c := range []struct {
		name, app, warning string
		where              enrolment.Whereabouts
		config             map[string]any // of OwnTracks, in part
		url                string         // of others
	}{
		{"keypad", enrolment.Keypad, "", enrolment.Whereabouts{URL: office}, nil, office + "/keypad/#device=damkar-2-ab&token=T&unit=DAMKAR+2"},
		{"keypad in the clear", enrolment.Keypad, "http.tls_cert", enrolment.Whereabouts{URL: "http://10.0.0.5:8112"}, nil, "http://10.0.0.5:8112/keypad/#device=damkar-2-ab&token=T&unit=DAMKAR+2"},
		{"this machine", enrolment.Keypad, "http.listen", enrolment.Whereabouts{URL: "http://127.0.0.1:8112"}, nil, "http://127.0.0.1:8112/keypad/#device=damkar-2-ab&token=T&unit=DAMKAR+2"},
		{"broker", enrolment.OwnTracks, "", enrolment.Whereabouts{URL: office, BrokerPort: "8883", BrokerTLS: true},
			map[string]any{"mode": 0.0, "host": "psc.example.id", "port": 8883.0, "tls": true, "username": "damkar-2-ab", "password": "P+/", "deviceId": "phone", "tid": "R2"}, ""},
		{"broker in the clear", enrolment.OwnTracks, "mqtt.embedded.tls_cert", enrolment.Whereabouts{URL: office, BrokerPort: "1883"}, map[string]any{"mode": 0.0, "tls": false}, ""},
		{"broker on loopback", enrolment.OwnTracks, "mqtt.embedded.listen", enrolment.Whereabouts{URL: office, BrokerPort: "1883", BrokerLocal: true}, map[string]any{"mode": 0.0}, ""},
		{"posts", enrolment.OwnTracks, "", enrolment.Whereabouts{URL: office}, map[string]any{"mode": 3.0, "url": office + "/pub", "username": "damkar-2-ab", "password": "P+/"}, ""},
		{"posts in the clear", enrolment.OwnTracks, "http.tls_cert", enrolment.Whereabouts{URL: "http://10.0.0.5:8112"}, map[string]any{"mode": 3.0, "url": "http://10.0.0.5:8112/pub"}, ""},
		{"program", enrolment.MQTT, "", enrolment.Whereabouts{URL: office, BrokerPort: "8883", BrokerTLS: true}, nil, "mqtts://damkar-2-ab:P+%2F@psc.example.id:8883"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := s
			if c.app == enrolment.Keypad {
				s.Device = "field:damkar-2-ab"
			}
			in, err := s.Invite(c.app, "DAMKAR 2", c.where)
			if err != nil || (in.Warning == "") != (c.warning == "") || !strings.Contains(in.Warning, c.warning) || !strings.HasPrefix(in.QR, "data:image/svg+xml;base64,") {
				t.Fatalf("%+v, %v", in, err)
			}
			if c.config == nil {
				if in.URL != c.url {
					t.Errorf("%s, want %s", in.URL, c.url)
				}
				return
			}
			for key, want := range c.config {
				if got := inline(t, in.URL)[key]; got != want {
					t.Errorf("%s: %v, want %v", key, got, want)
				}
			}
		})
	}
}

// inline is the configuration in an OwnTracks URL.
func inline(t *testing.T, address string) map[string]any {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "owntracks" || u.Path != "/config" {
		t.Fatalf("%q, %v", address, err)
	}
	text, err := base64.StdEncoding.DecodeString(u.Query().Get("inline"))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	return config
}
