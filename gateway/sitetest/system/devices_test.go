package system

import (
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestDevicesAreAccountedForOneByOne sends good, wrong and foreign messages from a
// phone and a radio, and asks what became of them.
func TestDevicesAreAccountedForOneByOne(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "psc0", "psc1")
	s.Start()
	s.Press("13")
	s.AwaitLink("roof", func(l sitetest.Link) bool { return l.Frames == 1 })
	c := connectPhone(s, t, "psc0", sitetest.PhonePassword, make(chan string, 1))
	for _, m := range []struct{ topic, payload string }{
		{"htgateway/devices/psc0/report", `{"text":"siap"}`},
		{"htgateway/devices/psc0/report", `{"text":`},
		{"htgateway/devices/psc1/report", `{"text":"I am another"}`},
	} {
		if tok := c.Publish(m.topic, 1, false, m.payload); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
			t.Fatalf("not acknowledged: %v", tok.Error())
		}
	}
	var got struct {
		Devices []struct {
			Device, Unit string
			Received     int
			Stored       int
			SetAside     int        `json:"set_aside"`
			LastReason   string     `json:"last_reason"`
			LastHeard    *time.Time `json:"last_heard"`
		}
		Accounts []struct {
			User       string
			Connected  int
			Refused    int
			LastReason string `json:"last_reason"`
		}
	}
	s.Get("/devices", &got)
	if len(got.Devices) != 2 || len(got.Accounts) != 2 {
		t.Fatalf("%+v", got)
	}
	phone, radio := got.Devices[0], got.Devices[1]
	if phone.Device != "field:psc0" || phone.Unit != "psc0" || phone.Received != 2 || phone.Stored != 1 ||
		phone.SetAside != 1 || phone.LastReason == "" || phone.LastHeard == nil {
		t.Errorf("%+v", phone)
	}
	if radio.Device != "fleetsync:102-1001" || radio.Unit != "damkar-1" || radio.Stored != 1 {
		t.Errorf("%+v", radio)
	}
	if a := got.Accounts[0]; a.User != "psc0" || a.Connected != 1 || a.Refused != 1 || a.LastReason == "" {
		t.Errorf("%+v", a)
	}
	if a := got.Accounts[1]; a.User != "psc1" || a.Connected != 0 || a.Refused != 0 {
		t.Errorf("%+v", a)
	}
	s.Stop()
}
