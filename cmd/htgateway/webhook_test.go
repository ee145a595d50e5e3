package main

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
)

// TestWebhookTellsEverythingOnce: across a kill and a changed roster, which makes
// every update anew, the receiver is told of each milestone and of nothing else
// that it knows already.
func TestWebhookTellsEverythingOnce(t *testing.T) {
	t.Parallel()
	told := make(chan update, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var u update
		if err := json.Unmarshal(body, &u); err != nil || r.Header.Get(webhook.HeaderSignature) == "" {
			t.Errorf("%s: %v", body, err)
		}
		told <- u
	}))
	defer receiver.Close()
	s := newSite(t)
	if err := os.WriteFile(filepath.Join(s.dir, "secret"), []byte("rahasia yang panjang"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.configure(fmt.Sprintf("webhooks: [{id: dinas, url: \"%s\", secret_file: secret, kinds: [opened, milestone]}]\n", receiver.URL))
	s.start()
	counts := map[string]int{}
	await := func(name string) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for {
			select {
			case u := <-told:
				what := u.Kind
				if u.Milestone != nil {
					what = u.Milestone.Milestone
				}
				counts[what]++
				if what == name {
					return
				}
			case <-deadline:
				t.Fatalf("never told of %s, only of %v", name, counts)
			}
		}
	}
	s.reach()
	await("dispatched")
	s.press("12")
	await("en_route")
	s.stop()
	s.unit("{id: damkar-2, call_sign: DAMKAR 2, agency: Damkar, devices: [\"fleetsync:102-1002\"]}")
	s.start()
	s.press("13")
	await("on_scene")
	s.stop()
	for what, n := range counts {
		if n != 1 {
			t.Errorf("told of %s %d times", what, n)
		}
	}
	if len(counts) != 5 { // opened, received, dispatched, en_route, on_scene
		t.Errorf("told of %v", counts)
	}
}
