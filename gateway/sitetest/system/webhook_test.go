package system

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/sitetest"
)

// TestWebhookTellsEverythingOnce: across a kill and a changed roster, which makes
// every update anew, the receiver is sent each milestone and of nothing else
// that it knows already.
func TestWebhookTellsEverythingOnce(t *testing.T) {
	t.Parallel()
	received := make(chan sitetest.Update, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var u sitetest.Update
		if err := json.Unmarshal(body, &u); err != nil || r.Header.Get(webhook.HeaderSignature) == "" {
			t.Errorf("%s: %v", body, err)
		}
		received <- u
	}))
	defer receiver.Close()
	s := sitetest.New(t)
	if err := os.WriteFile(filepath.Join(s.Dir, "secret"), []byte("rahasia yang panjang"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Configure(fmt.Sprintf("webhooks: [{id: dinas, url: \"%s\", secret_file: secret, kinds: [opened, milestone]}]\n", receiver.URL))
	s.Start()
	counts := map[string]int{}
	await := func(name string) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for {
			select {
			case u := <-received:
				what := u.Kind
				if u.Milestone != nil {
					what = u.Milestone.Milestone
				}
				counts[what]++
				if what == name {
					return
				}
			case <-deadline:
				t.Fatalf("never sent %s, only %v", name, counts)
			}
		}
	}
	s.OpenIncident()
	await("dispatched")
	s.Press("12")
	await("en_route")
	s.Stop()
	s.AddUnit("{id: damkar-2, call_sign: DAMKAR 2, agency: Damkar, devices: [\"fleetsync:102-1002\"]}")
	s.Start()
	s.Press("13")
	await("on_scene")
	s.Stop()
	for what, n := range counts {
		if n != 1 {
			t.Errorf("sent %s %d times", what, n)
		}
	}
	if len(counts) != 5 { // opened, received, dispatched, en_route, on_scene
		t.Errorf("sent %v", counts)
	}
}
