package system

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/sitetest"
)

// TestOwnTracksEnrolment: a phone that takes its configuration from the QR code gets
// into the broker and may post, also after a crash; released, it is out of both,
// and another phone's session goes on.
func TestOwnTracksEnrolment(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi")
	s.Start()
	andi := s.MQTTClient("andi")
	var unit struct{ ID string }
	s.Post("/units", map[string]string{"call_sign": "AMBULANS 7", "agency": "PSC 119"}, &unit)
	var phone struct{ Device, URL, Topic, User, Password string }
	s.Post("/units/"+unit.ID+"/devices", map[string]string{"app": "owntracks"}, &phone)
	u, err := url.Parse(phone.URL)
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.StdEncoding.DecodeString(u.Query().Get("inline"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Host, Username, Password, ClientID string
		Port                               int
	}
	if err := json.Unmarshal(text, &config); err != nil || config.Username != phone.User || config.Password != phone.Password {
		t.Fatalf("%s, %v; %+v", text, err, phone)
	}
	connect := func() error {
		c := paho.NewClient(paho.NewClientOptions().AddBroker(fmt.Sprintf("tcp://%s", s.Broker)).
			SetClientID(config.ClientID).SetUsername(config.Username).SetPassword(config.Password).SetConnectRetry(false).SetAutoReconnect(false))
		tok := c.Connect()
		if !tok.WaitTimeout(20 * time.Second) {
			t.Fatal("the broker does not answer")
		}
		if tok.Error() != nil {
			return tok.Error()
		}
		defer c.Disconnect(100)
		s.Publish(c, phone.Topic, location(-6.8364))
		return nil
	}
	pub := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Page+"/pub", strings.NewReader(location(-6.8365)))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(config.Username, config.Password)
		req.Header.Set("X-Limit-U", config.Username)
		req.Header.Set("X-Limit-D", "phone")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if !strings.HasSuffix(s.Broker, fmt.Sprintf(":%d", config.Port)) {
		t.Errorf("port %d, broker at %s", config.Port, s.Broker)
	}
	events := s.Events("")
	if err := connect(); err != nil {
		t.Fatal(err)
	}
	s.Await(events, "the phone's place", func(up sitetest.Update) bool { return up.Kind == "fix" && up.Unit == unit.ID })
	if got := pub(); got != http.StatusOK {
		t.Fatalf("post: %d", got)
	}
	s.Publish(andi, "owntracks/andi/phone", location(-6.8))
	andi.Disconnect(0)
	s.Kill()
	s.Start()
	if err := connect(); err != nil {
		t.Fatalf("after a crash: %v", err)
	}
	andi = s.MQTTClient("andi")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.Page+"/api/v1/units/"+unit.ID+"/devices/"+phone.Device, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := connect(); resp.StatusCode != http.StatusNoContent || err == nil {
		t.Errorf("release: %s; then the broker says %v", resp.Status, err)
	}
	if got := pub(); got != http.StatusUnauthorized {
		t.Errorf("post after the release: %d", got)
	}
	if !andi.IsConnectionOpen() {
		t.Error("another phone was thrown out")
	}
	s.Publish(andi, "owntracks/andi/phone", location(-6.81))
	s.Stop()
}

// location is what OwnTracks sends of a place.
func location(lat float64) string {
	return fmt.Sprintf(`{"_type":"location","lat":%v,"lon":108.2274,"acc":8,"tst":%d}`, lat, time.Now().Unix())
}
