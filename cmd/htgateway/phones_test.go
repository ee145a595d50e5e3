package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// pub posts a payload as OwnTracks in HTTP mode does.
func (s *site) pub(user, device, body string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.page+"/pub", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.SetBasicAuth(user, phonePassword)
	req.Header.Set("X-Limit-U", user)
	req.Header.Set("X-Limit-D", device)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestPhoneOverHTTPSurvivesAKill: what was answered with 200 is in the journal once,
// also when the phone posts it again after the gateway was killed.
func TestPhoneOverHTTPSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := newSite(t, "andi")
	s.start()
	body := `{"_type":"location","_id":"05b6f5bf","lat":-6.8364,"lon":108.2274,"acc":8,"batt":62,"tst":` + unixNow() + `,"topic":"owntracks/andi/phone"}`
	if code, answer := s.pub("andi", "phone", body); code != http.StatusOK || answer != "[]" {
		t.Fatalf("%d %s", code, answer)
	}
	if code, _ := s.pub("andi", "phone", strings.Replace(body, "andi", "budi", 1)); code != http.StatusForbidden {
		t.Errorf("another's topic: %d", code)
	}
	s.kill()
	s.start()
	if code, _ := s.pub("andi", "phone", body); code != http.StatusOK {
		t.Errorf("posted again: %d", code)
	}
	s.awaitLink("http", func(l linkView) bool { return l.Frames == 1 && l.Duplicates == 1 })
	var units struct {
		Features []struct {
			ID         string
			Properties struct {
				Stale bool `json:"stale"`
				Link  string
			}
		}
	}
	s.get("/units", &units)
	for _, f := range units.Features {
		if f.ID == "andi" && (f.Properties.Stale || f.Properties.Link != "http") {
			t.Errorf("%+v", f)
		}
	}
	s.stop()
}

func unixNow() string { return strconv.FormatInt(time.Now().Unix(), 10) }

// TestPhoneIsTaughtTheRegionAndAsked: on dispatch the phone gets the incident as a
// region, which is taken back when its unit is sent elsewhere and when the incident is
// over; a poll reaches it over the broker, and over HTTP with its next post.
func TestPhoneIsTaughtTheRegionAndAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t, "andi", "budi")
	s.start()
	events := s.events("")
	phone := s.publisher("andi")
	commands := make(chan string, 10)
	if tok := phone.Subscribe("owntracks/andi/phone/cmd", 1, func(_ paho.Client, m paho.Message) { commands <- string(m.Payload()) }); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	location := `{"_type":"location","t":"r","lat":-6.8364,"lon":108.2274,"acc":8,"tst":` + unixNow() + `}`
	if code, _ := s.pub("budi", "phone", location); code != http.StatusOK {
		t.Fatal(code)
	}
	var in struct{ ID, Number string }
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	if got := expect(t, commands, "the region", "setWaypoints"); !strings.Contains(got, `"desc":"`+in.Number+`","lat":-6.8364,"lon":108.2274,"rad":100`) {
		t.Errorf("%s", got)
	}
	gone := func(number string) string { return `"desc":"` + number + `","lat":-1000000,"lon":-1000000,"rad":0` }
	var next struct{ ID, Number string }
	s.post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.80, "lon": 108.20}}, &next)
	s.post("/incidents/"+next.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	expect(t, commands, "that the first region is gone", gone(in.Number))
	expect(t, commands, "the second region", `"desc":"`+next.Number+`","lat":-6.8,`)
	s.post("/incidents/"+next.ID+"/close", map[string]any{"reason": "selesai"}, nil)
	expect(t, commands, "that the second region is gone", gone(next.Number))

	var queued struct{ ID string }
	s.post("/units/andi/messages", map[string]any{"poll": true}, &queued)
	expect(t, commands, "the poll", "reportLocation")
	s.delivered(events, queued.ID, "sent")
	s.publish(phone, "owntracks/andi/phone", location)
	s.delivered(events, queued.ID, "delivered")

	s.post("/units/budi/messages", map[string]any{"poll": true}, &queued)
	s.delivered(events, queued.ID, "queued")
	if _, answer := s.pub("budi", "phone", `{"_type":"lwt","tst":1}`); answer != `[{"_type":"cmd","action":"reportLocation"}]` {
		t.Errorf("the post was answered %s", answer)
	}
	s.delivered(events, queued.ID, "sent")
	if code, _ := s.pub("budi", "phone", strings.Replace(location, `"acc":8`, `"acc":9`, 1)); code != http.StatusOK {
		t.Error(code)
	}
	s.delivered(events, queued.ID, "delivered")
	s.stop()
}

// TestRefusedFramesAreCountedByDevice: what is wrong with a device's frames is told for
// that device, whatever it speaks and whatever link it came over.
func TestRefusedFramesAreCountedByDevice(t *testing.T) {
	t.Parallel()
	s := newSite(t, "andi", "msh-kantor")
	s.start()
	phone, office := s.publisher("andi"), s.publisher("msh-kantor")
	good := `{"_type":"location","lat":-6.8364,"lon":108.2274,"acc":8,"tst":` + unixNow() + `}`
	s.publish(phone, "owntracks/andi/phone", good)
	s.publish(phone, "owntracks/andi/phone", "{")
	s.publish(phone, "htgateway/devices/andi/report", `{"lat":91,"lon":0}`)
	s.publish(office, "msh/ID/2/json/LongFast/!433c8aac", `{"from":1128041132,"type":"position","payload":{"latitude_i":0,"longitude_i":0}}`)
	if code, _ := s.pub("andi", "tablet", `{"_type":"location","tst":1}`); code != http.StatusOK {
		t.Error(code)
	}
	s.say(sentence("PKLSH,9949.9600,S,10813.6600,E,080102,A,102,1001,"))
	s.awaitLink("roof", func(l linkView) bool { return l.Errors == 1 })
	var got struct {
		Devices []struct {
			Device, Unit    string
			LastLink        string `json:"last_link"`
			Stored, Refused uint64
			LastReason      string `json:"last_reason"`
		}
		Accounts []struct{ User string }
	}
	s.get("/devices", &got)
	said := map[string]string{}
	for _, d := range got.Devices {
		said[d.Device] = d.Unit + " " + d.LastLink + " " + strconv.FormatUint(d.Stored, 10) + "/" + strconv.FormatUint(d.Refused, 10) + " " + d.LastReason
	}
	for device, want := range map[string]string{
		"owntracks:andi/phone":  "andi mqtt 1/1 owntracks: payload is not JSON",
		"owntracks:andi/tablet": " http 0/1 owntracks: location without lat and lon",
		"field:andi":            "andi mqtt 0/1 ",
		"meshtastic:!433c8aac":  " mqtt 0/1 meshtastic: position without a fix",
		"fleetsync:102-1001":    "damkar-1 roof 0/1 ",
	} {
		if !strings.HasPrefix(said[device], want) {
			t.Errorf("%s: %q, want %q", device, said[device], want)
		}
	}
	if len(got.Accounts) != 2 {
		t.Errorf("%d users of the broker", len(got.Accounts))
	}
	s.stop()
}
