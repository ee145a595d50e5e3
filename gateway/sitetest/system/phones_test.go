package system

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/sitetest"
)

// postPub posts a payload as OwnTracks in HTTP mode does.
func postPub(s *sitetest.Site, user, device, body string) (int, string) {
	s.T.Helper()
	req, err := http.NewRequest(http.MethodPost, s.Page+"/pub", strings.NewReader(body))
	if err != nil {
		s.T.Fatal(err)
	}
	req.SetBasicAuth(user, sitetest.PhonePassword)
	req.Header.Set("X-Limit-U", user)
	req.Header.Set("X-Limit-D", device)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.T.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.T.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// TestPhoneOverHTTPSurvivesAKill: what was answered with 200 is in the journal once,
// also when the phone posts it again after the gateway was killed.
func TestPhoneOverHTTPSurvivesAKill(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi")
	s.Start()
	body := `{"_type":"location","_id":"05b6f5bf","lat":-6.8364,"lon":108.2274,"acc":8,"batt":62,"tst":` + unixNow() + `,"topic":"owntracks/andi/phone"}`
	if code, answer := postPub(s, "andi", "phone", body); code != http.StatusOK || answer != "[]" {
		t.Fatalf("%d %s", code, answer)
	}
	if code, _ := postPub(s, "andi", "phone", strings.Replace(body, "andi", "budi", 1)); code != http.StatusForbidden {
		t.Errorf("another's topic: %d", code)
	}
	s.Kill()
	s.Start()
	if code, _ := postPub(s, "andi", "phone", body); code != http.StatusOK {
		t.Errorf("posted again: %d", code)
	}
	s.AwaitLink("http", func(l sitetest.Link) bool { return l.Frames == 1 && l.Duplicates == 1 })
	var units struct {
		Features []struct {
			ID         string
			Properties struct {
				Stale bool `json:"stale"`
				Link  string
			}
		}
	}
	s.Get("/units", &units)
	for _, f := range units.Features {
		if f.ID == "andi" && (f.Properties.Stale || f.Properties.Link != "http") {
			t.Errorf("%+v", f)
		}
	}
	s.Stop()
}

func unixNow() string { return strconv.FormatInt(time.Now().Unix(), 10) }

// TestPhoneIsTaughtTheRegionAndAsked: on dispatch the phone gets the incident as a
// region, which is taken back when its unit is sent elsewhere and when the incident is
// over; a poll reaches it over the broker, and over HTTP with its next post.
func TestPhoneIsTaughtTheRegionAndAsked(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi", "budi")
	s.Start()
	events := s.Events("")
	phone := s.MQTTClient("andi")
	commands := make(chan string, 10)
	if tok := phone.Subscribe("owntracks/andi/phone/cmd", 1, func(_ paho.Client, m paho.Message) { commands <- string(m.Payload()) }); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	location := `{"_type":"location","t":"r","lat":-6.8364,"lon":108.2274,"acc":8,"tst":` + unixNow() + `}`
	if code, _ := postPub(s, "budi", "phone", location); code != http.StatusOK {
		t.Fatal(code)
	}
	var in struct{ ID, Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	if got := sitetest.Expect(t, commands, "the region", "setWaypoints"); !strings.Contains(got, `"desc":"`+in.Number+`","lat":-6.8364,"lon":108.2274,"rad":100`) {
		t.Errorf("%s", got)
	}
	gone := func(number string) string { return `"desc":"` + number + `","lat":-1000000,"lon":-1000000,"rad":0` }
	var next struct{ ID, Number string }
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.80, "lon": 108.20}}, &next)
	s.Post("/incidents/"+next.ID+"/dispatch", map[string]any{"units": []string{"andi"}}, nil)
	sitetest.Expect(t, commands, "that the first region is gone", gone(in.Number))
	sitetest.Expect(t, commands, "the second region", `"desc":"`+next.Number+`","lat":-6.8,`)
	s.Post("/incidents/"+next.ID+"/close", map[string]any{"reason": "selesai"}, nil)
	sitetest.Expect(t, commands, "that the second region is gone", gone(next.Number))

	var queued struct{ ID string }
	s.Post("/units/andi/messages", map[string]any{"poll": true}, &queued)
	sitetest.Expect(t, commands, "the poll", "reportLocation")
	awaitDelivery(s, events, queued.ID, "sent")
	s.Publish(phone, "owntracks/andi/phone", location)
	awaitDelivery(s, events, queued.ID, "delivered")

	s.Post("/units/budi/messages", map[string]any{"poll": true}, &queued)
	awaitDelivery(s, events, queued.ID, "queued")
	if _, answer := postPub(s, "budi", "phone", `{"_type":"lwt","tst":1}`); answer != `[{"_type":"cmd","action":"reportLocation"}]` {
		t.Errorf("the post was answered %s", answer)
	}
	awaitDelivery(s, events, queued.ID, "sent")
	if code, _ := postPub(s, "budi", "phone", strings.Replace(location, `"acc":8`, `"acc":9`, 1)); code != http.StatusOK {
		t.Error(code)
	}
	awaitDelivery(s, events, queued.ID, "delivered")
	s.Stop()
}

// TestRefusedFramesAreCountedByDevice: what is wrong with a device's frames is said for
// that device, whatever it speaks and whatever link it came over.
func TestRefusedFramesAreCountedByDevice(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi", "msh-kantor")
	s.Start()
	phone, office := s.MQTTClient("andi"), s.MQTTClient("msh-kantor")
	good := `{"_type":"location","lat":-6.8364,"lon":108.2274,"acc":8,"tst":` + unixNow() + `}`
	s.Publish(phone, "owntracks/andi/phone", good)
	s.Publish(phone, "owntracks/andi/phone", "{")
	s.Publish(phone, "htgateway/devices/andi/report", `{"lat":91,"lon":0}`)
	s.Publish(office, "msh/ID/2/json/LongFast/!433c8aac", `{"from":1128041132,"type":"position","payload":{"latitude_i":0,"longitude_i":0}}`)
	if code, _ := postPub(s, "andi", "tablet", `{"_type":"location","tst":1}`); code != http.StatusOK {
		t.Error(code)
	}
	s.Print(sitetest.Sentence("PKLSH,9949.9600,S,10813.6600,E,080102,A,102,1001,"))
	s.AwaitLink("roof", func(l sitetest.Link) bool { return l.Errors == 1 })
	var got struct {
		Devices []struct {
			Device, Unit    string
			LastLink        string `json:"last_link"`
			Stored, Refused uint64
			LastReason      string `json:"last_reason"`
		}
		Accounts []struct{ User string }
	}
	s.Get("/devices", &got)
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
	s.Stop()
}
