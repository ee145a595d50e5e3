package system

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/sitetest"
)

// TestOthersHearOfItOverMQTT: a subscriber hears the arrival, and one that comes
// later finds the unit's state.
func TestOthersHearOfItOverMQTT(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "psc0")
	s.AddUser("layar", "reader")
	s.Start()
	heard := make(chan paho.Message, 1000)
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Broker).SetClientID("listener").
		SetUsername("layar").SetPassword(sitetest.PhonePassword).SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { heard <- m }))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	defer c.Disconnect(0)
	if tok := c.Subscribe("htgateway/incidents/+/updates", 1, nil); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	s.OpenIncident()
	s.Press("13")
	await := func(what string, fits func(paho.Message) bool) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for {
			select {
			case m := <-heard:
				if fits(m) {
					return
				}
			case <-deadline:
				t.Fatalf("never heard %s", what)
			}
		}
	}
	await("the arrival", func(m paho.Message) bool {
		var u sitetest.Update
		return json.Unmarshal(m.Payload(), &u) == nil && u.Milestone != nil && u.Milestone.Milestone == "on_scene"
	})
	if tok := c.Subscribe("htgateway/units/+/state", 1, nil); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	await("the unit's retained state", func(m paho.Message) bool {
		return strings.HasSuffix(m.Topic(), "damkar-1/state") && strings.Contains(string(m.Payload()), "on_scene")
	})
	s.Stop()
}

// TestCADOpensAnIncidentOverMQTT: sent twice, it is one incident; what the CAD says
// anew of it corrects, annotates or cancels it, and afterwards changes it no more.
func TestCADOpensAnIncidentOverMQTT(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "cad")
	s.Start()
	events := s.Events("")
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Broker).SetClientID("cad").SetUsername("cad").SetPassword(sitetest.PhonePassword))
	if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
		t.Fatal(tok.Error())
	}
	defer c.Disconnect(0)
	for _, body := range []string{
		`{"category":"boredom"}`,
		`{"category":"health","external_id":"X-1","location":{"lat":-6.8,"lon":108.2}}`,
		`{"category":"health","external_id":"X-1","location":{"lat":-6.8,"lon":108.2}}`,
		`{"category":"fire","external_id":"X-2"}`,
	} {
		if tok := c.Publish("htgateway/incidents/in", 1, false, body); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatalf("%s: not acknowledged: %v", body, tok.Error())
		}
	}
	opened := 0
	s.Await(events, "two incidents", func(u sitetest.Update) bool {
		if u.Kind == "opened" {
			opened++
		}
		return opened == 2
	})
	for _, body := range []string{
		`{"external_id":"X-1","location":{"lat":-6.7,"lon":108.3},"caller":"Ibu Siti"}`,
		`{"external_id":"X-1","location":{"lat":-6.7,"lon":108.3},"caller":"Ibu Siti"}`,
		`{"external_id":"X-2","status":"cancelled","reason":"salah lapor"}`,
		`{"external_id":"X-2","status":"cancelled","reason":"salah lapor"}`,
		`{"external_id":"X-2","location":{"lat":-6.7,"lon":108.3}}`,
	} {
		if tok := c.Publish("htgateway/incidents/in", 1, false, body); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			t.Fatalf("%s: not acknowledged: %v", body, tok.Error())
		}
	}
	all := listIncidents(s)
	if len(all) != 2 {
		t.Errorf("%d incidents", len(all))
	}
	for _, in := range all {
		switch in.ExternalID {
		case "X-1":
			if in.Location.Lat != -6.7 || in.District == "" || len(in.Notes) != 1 || !strings.Contains(in.Notes[0].Text, "Ibu Siti") || in.Status != "received" {
				t.Errorf("not corrected: %+v", in)
			}
		case "X-2":
			if in.Status != "cancelled" || in.Location.Lat != 0 {
				t.Errorf("not cancelled: %+v", in)
			}
		}
	}
	// The wrong category and the change after the cancellation were set aside.
	s.AwaitLink("mqtt", func(l sitetest.Link) bool { return l.Errors == 2 })
	s.Stop()
}
