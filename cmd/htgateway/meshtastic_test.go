package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/devices"
)

// vectorsOf reads "name packet" lines of the decoder's own vectors.
func vectorsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../devices/protocol/meshtastic/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, packet, _ := strings.Cut(strings.TrimSpace(line), " ")
		out[name] = packet
	}
	return out
}

func TestDecodeMeshtastic(t *testing.T) {
	t.Parallel()
	asJSON, asHex := vectorsOf(t, "json.txt"), vectorsOf(t, "protobuf.txt")
	binary, err := hex.DecodeString(asHex["below-sea"])
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("# ours\nMajalengka: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const place = `"device":"meshtastic:!e213a228","time":"2026-07-04T20:55:01Z","lat":-6.8364,"lon":108.2279,"altitude_m":-12,"course_deg":212`
	for _, c := range []struct {
		name string
		args []string
		in   string
		want []string
		exit int
	}{
		{"lines of JSON", []string{"--topic", "msh/ID/2/json/LongFast/!32962f10"}, asJSON["key-number"] + "\n" + asJSON["direct"] + "\n",
			[]string{`"kind":"status","device":"meshtastic:!433c8aac","time":"2025-06-06T22:28:03Z","status":"on_scene","status_code":"3"`, `"to":"!433c8aac"`, `"status":"en_route","text":"OTW"`}, exitDone},
		{"JSON without a topic, raw", []string{"--encoding", "raw"}, asJSON["blurred"], []string{`"blurred":true`, `"accuracy_m":2918.2`}, exitDone},
		{"protobuf as digits", []string{"--encoding", "hex", "--topic", "msh/ID/2/e/LongFast/!32962f10"}, asHex["below-sea"] + "\n" + asHex["nodeinfo"] + "\n",
			[]string{place, `"kind":"id","device":"meshtastic:!7efeee00"`, `"name":"base0"`}, exitDone},
		{"protobuf, raw", []string{"--encoding", "raw"}, string(binary), []string{place}, exitDone},
		{"presence", []string{"--topic", "msh/ID/2/stat/!32962f10"}, "offline\n", []string{`"kind":"other","device":"meshtastic:!32962f10"`}, exitDone},
		{"no fix", nil, strings.Replace(asJSON["position-no-clock"], "-68364000", "0", 1) + "\n" + strings.NewReplacer("-68364000", "0", "1082279000", "0").Replace(asJSON["position-no-clock"]),
			[]string{`"lat":0`, `"error":"meshtastic: position without a fix`}, exitData},
		{"encrypted, with its key", []string{"--encoding", "hex", "--keys", keys}, asHex["sealed-own"], []string{`"status":"on_scene"`}, exitDone},
		{"encrypted, without", []string{"--encoding", "hex"}, asHex["sealed-own"], []string{`"device":"meshtastic:!433c8aac","error":`}, exitData},
	} {
		var out, errs bytes.Buffer
		if exit := run(context.Background(), append([]string{"decode", "--protocol", "meshtastic"}, c.args...), strings.NewReader(c.in), &out, &errs); exit != c.exit {
			t.Errorf("%s: exit %d: %s%s", c.name, exit, out.String(), errs.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %s is not in\n%s", c.name, want, out.String())
			}
		}
	}
}

// publisher is a client of the site's broker.
func (s *site) publisher(user string) paho.Client {
	s.t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.broker).SetClientID(user + "-client").SetUsername(user).SetPassword(phonePassword))
	if tok := c.Connect(); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.t.Fatal(tok.Error())
	}
	s.t.Cleanup(func() { c.Disconnect(0) })
	return c
}

// publish sends with QoS 1 and waits for the acknowledgement.
func (s *site) publish(c paho.Client, topic string, payload any) {
	s.t.Helper()
	if tok := c.Publish(topic, 1, false, payload); !tok.WaitTimeout(20*time.Second) || tok.Error() != nil {
		s.t.Fatalf("%s: not acknowledged: %v", topic, tok.Error())
	}
}

// TestMeshtasticKeyReachesTheDispatcher: a node's canned message, passed on by two
// gateway nodes as JSON and as protobuf, is one press that sets the arrival, and the
// report tells both.
func TestMeshtasticKeyReachesTheDispatcher(t *testing.T) {
	t.Parallel()
	s := newSite(t, "msh-kantor", "msh-gunung")
	s.unit("{id: relawan-1, call_sign: RELAWAN 1, agency: BPBD, devices: [\"meshtastic:!433c8aac\"]}")
	s.start()
	events := s.events("")
	var in struct{ ID string }
	s.post("/incidents", map[string]any{"category": "disaster", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"relawan-1"}}, nil)
	packet, err := hex.DecodeString(vectorsOf(t, "protobuf.txt")["key"])
	if err != nil {
		t.Fatal(err)
	}
	s.publish(s.publisher("msh-kantor"), "msh/ID/2/e/LongFast/!32962f10", packet)
	office := s.publisher("msh-gunung")
	s.publish(office, "msh/ID/2/json/LongFast/!433c8aac", vectorsOf(t, "json.txt")["key-number"])
	s.publish(office, "msh/ID/2/stat/!433c8aac", "offline")
	s.publish(office, "msh/ID/2/json/LongFast/!433c8aac", `{"from":1128041132,"type":"position","payload":{"latitude_i":0,"longitude_i":0}}`)
	e := s.await(events, "the key", func(u update) bool { return u.Kind == "status" && u.Unit == "relawan-1" })
	if e.Status != "on_scene" {
		t.Errorf("%+v", e)
	}
	link := s.awaitLink("mqtt", func(l linkView) bool { return l.Frames == 4 && l.Errors == 1 })
	if link.LastHeard == nil {
		t.Errorf("%+v", link)
	}
	var report struct {
		Device devices.Identity
		Heard  []struct{ Link, Via string }
	}
	s.get("/reports/"+e.Report, &report)
	if len(report.Heard) != 2 || report.Heard[0].Via != "!32962f10" || report.Heard[1].Via != "!433c8aac" {
		t.Errorf("%+v", report)
	}
	s.stop()
}
