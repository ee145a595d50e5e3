package faults

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/sitetest"
)

// heardOf are the updates that a webhook's receiver was sent, by id, in order.
type heardOf struct {
	mu    sync.Mutex
	ids   []string
	grown chan struct{}
}

func (l *heardOf) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = append(l.ids, id)
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

func (l *heardOf) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ids)
}

// await returns once a receiver was sent so many.
func (l *heardOf) await(t *testing.T, who string, many int) {
	t.Helper()
	for deadline := time.After(30 * time.Second); len(l.all()) < many; {
		select {
		case <-l.grown:
		case <-deadline:
			t.Fatalf("%s was sent %d updates, not %d", who, len(l.all()), many)
		}
	}
}

// TestFaultsStalledReceivers: of four webhooks one never answers, one never even reads,
// one begins an answer and never ends it; each for as long as the gateway waits at most.
// The fourth is sent everything meanwhile, as are pages; keys of the radio count, and
// notes are answered. The one that never answered has it all, each once and in order,
// when it is well again; the others do not hold up the gateway's end.
func TestFaultsStalledReceivers(t *testing.T) {
	t.Parallel()
	newTold := func() *heardOf { return &heardOf{grown: make(chan struct{}, 1)} }
	prompt, late := newTold(), newTold()
	well, asked := make(chan struct{}), make(chan string, 1000)
	serve := func(h http.HandlerFunc) string {
		server := httptest.NewServer(h)
		t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
		return server.URL
	}
	promptURL := serve(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		prompt.add(r.Header.Get(webhook.HeaderID))
		w.WriteHeader(http.StatusNoContent)
	})
	lateURL := serve(func(w http.ResponseWriter, r *http.Request) {
		asked <- "late"
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-well:
			late.add(r.Header.Get(webhook.HeaderID))
			w.WriteHeader(http.StatusNoContent)
		case <-r.Context().Done():
		}
	})
	endlessURL := serve(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush() // the gateway may have ended
		asked <- "endless"
		<-r.Context().Done()
	})
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = deaf.Close() })
	go func() {
		for {
			c, err := deaf.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			asked <- "deaf"
		}
	}()
	s := sitetest.New(t)
	s.WriteFile("secret", "rahasia yang panjang")
	hooks := "webhooks:\n"
	for id, url := range map[string]string{"prompt": promptURL, "late": lateURL, "endless": endlessURL, "deaf": "http://" + deaf.Addr().String()} {
		hooks += fmt.Sprintf("  - {id: %s, url: %q, secret_file: secret, timeout: 5m}\n", id, url)
	}
	s.Configure(hooks)
	s.Start()
	incident := s.OpenIncident()
	for stalled := map[string]bool{}; len(stalled) < 3; {
		select {
		case who := <-asked:
			stalled[who] = true
		case <-time.After(20 * time.Second):
			t.Fatalf("only %v were asked", stalled)
		}
	}

	const notes = 40
	events := s.Events("")
	var answered, shown, hooked []time.Duration
	for n := range notes {
		text, began, had := fmt.Sprint("note ", n), time.Now(), len(prompt.all())
		s.Post("/incidents/"+incident+"/notes", map[string]string{"text": text}, nil)
		answered = append(answered, time.Since(began))
		s.Await(events, text, func(u sitetest.Update) bool { return u.Kind == "note" && u.Text == text })
		shown = append(shown, time.Since(began))
		prompt.await(t, "the receiver that answers", had+1)
		hooked = append(hooked, time.Since(began))
		if n%10 == 9 {
			key := []string{"12", "13", "14", "15"}[n/10]
			s.Press(key)
			s.Await(events, "key "+key, func(u sitetest.Update) bool { return u.Kind == "status" && u.Unit == "damkar-1" })
		}
	}
	for what, took := range map[string][]time.Duration{"note answered": answered, "on the page": shown, "at the receiver": hooked} {
		slices.Sort(took)
		t.Logf("three receivers stalled: %s after %v (median), %v (worst)", what, took[notes/2].Round(time.Microsecond), took[notes-1].Round(time.Microsecond))
		if took[notes/2] > 2*time.Second {
			t.Errorf("%s after %v while receivers stall", what, took[notes/2])
		}
	}
	if n := len(late.all()); n != 0 {
		t.Fatalf("the stalled receiver took %d updates", n)
	}
	close(well)
	// What the last key meant may still be on its way to both.
	for deadline := time.After(30 * time.Second); !slices.Equal(prompt.all(), late.all()); {
		select {
		case <-late.grown:
		case <-prompt.grown:
		case <-deadline:
			t.Fatalf("one was sent %v, the other, later, of %v", prompt.all(), late.all())
		}
	}
	t.Logf("the receiver that was well again: %d updates, each once and in order", len(late.all()))
	began := time.Now()
	s.Stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the gateway ended after %v while receivers stall", took)
	}
}
