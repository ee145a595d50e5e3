package system

import (
	"encoding/hex"
	"testing"

	"htgateway/devices"
	"htgateway/gateway/sitetest"
)

// TestMeshtasticKeyReachesTheDispatcher: a node's canned message, passed on by two
// gateway nodes as JSON and as protobuf, is one press that sets the arrival, and the
// report tells both.
func TestMeshtasticKeyReachesTheDispatcher(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "msh-kantor", "msh-gunung")
	s.AddUnit("{id: relawan-1, call_sign: RELAWAN 1, agency: BPBD, devices: [\"meshtastic:!433c8aac\"]}")
	s.Start()
	events := s.Events("")
	var in struct{ ID string }
	s.Post("/incidents", map[string]any{"category": "disaster", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"relawan-1"}}, nil)
	packet, err := hex.DecodeString(sitetest.MeshtasticVectors(t, "protobuf.txt")["key"])
	if err != nil {
		t.Fatal(err)
	}
	s.Publish(s.MQTTClient("msh-kantor"), "msh/ID/2/e/LongFast/!32962f10", packet)
	office := s.MQTTClient("msh-gunung")
	s.Publish(office, "msh/ID/2/json/LongFast/!433c8aac", sitetest.MeshtasticVectors(t, "json.txt")["key-number"])
	s.Publish(office, "msh/ID/2/stat/!433c8aac", "offline")
	s.Publish(office, "msh/ID/2/json/LongFast/!433c8aac", `{"from":1128041132,"type":"position","payload":{"latitude_i":0,"longitude_i":0}}`)
	e := s.Await(events, "the key", func(u sitetest.Update) bool { return u.Kind == "status" && u.Unit == "relawan-1" })
	if e.Status != "on_scene" {
		t.Errorf("%+v", e)
	}
	link := s.AwaitLink("mqtt", func(l sitetest.Link) bool { return l.Frames == 4 && l.Errors == 1 })
	if link.LastHeard == nil {
		t.Errorf("%+v", link)
	}
	var report struct {
		Device devices.Identity
		Heard  []struct{ Link, Via string }
	}
	s.Get("/reports/"+e.Report, &report)
	if len(report.Heard) != 2 || report.Heard[0].Via != "!32962f10" || report.Heard[1].Via != "!433c8aac" {
		t.Errorf("%+v", report)
	}
	s.Stop()
}
