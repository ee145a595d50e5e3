package system

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestMissingPortAndBrokerAtStart: the gateway starts all the same, says what is
// missing, and the rest works.
func TestMissingPortAndBrokerAtStart(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	// The last line of the site's configuration is its list of links.
	s.Configure("  - {id: attic, kind: serial, protocol: kenwood, device: /dev/ttyUSB-not-there}\n" +
		"  - {id: county, kind: mqtt, broker: \"tcp://127.0.0.1:1\", client_id: g, topics: [\"owntracks/#\"]}\n")
	s.Start()
	var links struct {
		Links []struct{ ID, State, Why string }
	}
	logged := func() bool {
		resp, err := http.Get(s.Page + "/api/v1/links")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&links); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, l := range links.Links {
			if l.ID == "attic" && l.State == "down" && strings.Contains(l.Why, "not there") || l.ID == "county" && l.State == "down" && l.Why != "" {
				found++
			}
		}
		return found == 2
	}
	for deadline := time.Now().Add(20 * time.Second); !logged(); {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", links)
		}
	}
	events := s.Events("")
	s.OpenIncident()
	s.Press("13")
	s.Await(events, "arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	s.Stop()
}
