package webhook_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/webhook"
	"htgateway/gateway/state/updatelog"
)

var secret = []byte("rahasia bersama")

// receiver is a real HTTP server at a fixed address that can be stopped and
// started, and answers as the test says.
type receiver struct {
	t       *testing.T
	address string
	server  *http.Server

	mu     sync.Mutex
	answer func(n int, w http.ResponseWriter, r *http.Request) // n counts requests from 1
	asked  int
	ids    []string // of what was taken
	took   chan string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, address: "127.0.0.1:0", took: make(chan string, 100)}
	r.answer = func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	r.start()
	t.Cleanup(func() { _ = r.server.Close() })
	return r
}

func (r *receiver) start() {
	r.t.Helper()
	l, err := net.Listen("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.address = l.Addr().String()
	r.server = &http.Server{Handler: http.HandlerFunc(r.serve)}
	go func() { _ = r.server.Serve(l) }()
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	at, numErr := strconv.ParseInt(req.Header.Get(webhook.HeaderTimestamp), 10, 64)
	if err != nil || numErr != nil || req.Header.Get(webhook.HeaderSignature) != webhook.Sign(secret, time.Unix(at, 0), body) {
		r.t.Errorf("wrong signature: %v %v %v", err, numErr, req.Header)
	}
	var u incident.Update
	if err := json.Unmarshal(body, &u); err != nil || u.ID != req.Header.Get(webhook.HeaderID) {
		r.t.Errorf("body %s: %v", body, err)
	}
	r.mu.Lock()
	r.asked++
	n, answer := r.asked, r.answer
	r.mu.Unlock()
	rec := &status{ResponseWriter: w, code: 200}
	answer(n, rec, req)
	if rec.code/100 == 2 {
		r.mu.Lock()
		r.ids = append(r.ids, u.ID)
		r.mu.Unlock()
		r.took <- u.ID
	}
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) { s.code = code; s.ResponseWriter.WriteHeader(code) }

func (r *receiver) await(id string) {
	r.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case got := <-r.took:
			if got == id {
				return
			}
		case <-deadline:
			r.t.Fatalf("%s never came", id)
		}
	}
}

func openLog(t *testing.T) *updatelog.Log {
	t.Helper()
	l, err := updatelog.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	if err := l.SetPublished(t.Context(), "webhook:other", incident.Update{}); err != nil { // it began before
		t.Fatal(err)
	}
	return l
}

func add(t *testing.T, l *updatelog.Log, from, to uint64, kind incident.UpdateKind) {
	t.Helper()
	var us []incident.Update
	for n := from; n <= to; n++ {
		us = append(us, incident.Update{Seq: n, JournalSeq: n, ID: "u" + strconv.FormatUint(n, 10), Kind: kind, Incident: "i1"})
	}
	if err := l.Append(t.Context(), us); err != nil {
		t.Fatal(err)
	}
}

// run starts a hook and returns what stops it.
func run(t *testing.T, l *updatelog.Log, url string, change func(*webhook.Settings)) (stop func()) {
	t.Helper()
	s := webhook.Settings{
		ID: "other", URL: url, Secret: secret, Timeout: 10 * time.Second, GiveUpAfter: time.Hour,
		Again: time.Millisecond, AtMost: 20 * time.Millisecond, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&s)
	}
	h, err := webhook.New(l, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestReceiverThatFailsAndRestartsGetsEverythingInOrder(t *testing.T) {
	t.Parallel()
	r, l := newReceiver(t), openLog(t)
	r.answer = func(n int, w http.ResponseWriter, _ *http.Request) {
		if n <= 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	stop := run(t, l, "http://"+r.address+"/in", nil)
	add(t, l, 1, 5, incident.UpdateMilestone)
	add(t, l, 6, 6, incident.UpdateFix)
	r.await("u5")
	if err := r.server.Close(); err != nil {
		t.Fatal(err)
	}
	add(t, l, 7, 8, incident.UpdateAlarm)
	stop() // the gateway restarts while the receiver is away
	stop = run(t, l, "http://"+r.address+"/in", nil)
	r.start()
	r.await("u8")
	stop()
	if want := []string{"u1", "u2", "u3", "u4", "u5", "u7", "u8"}; !slices.Equal(slices.Compact(r.ids), want) {
		t.Errorf("took %v, want %v", r.ids, want)
	}
}

func TestReceiverThatHangsIsGivenUpOnAndAskedAgain(t *testing.T) {
	t.Parallel()
	r, l := newReceiver(t), openLog(t)
	r.answer = func(n int, w http.ResponseWriter, req *http.Request) {
		if n == 1 {
			<-req.Context().Done() // until the gateway hangs up
			w.WriteHeader(http.StatusGatewayTimeout)
		}
	}
	stop := run(t, l, "http://"+r.address, func(s *webhook.Settings) { s.Timeout = 200 * time.Millisecond })
	add(t, l, 1, 1, incident.UpdateNote)
	r.await("u1")
	stop()
}

func TestWhatIsRefusedForGoodIsSetAside(t *testing.T) {
	t.Parallel()
	r, l := newReceiver(t), openLog(t)
	r.answer = func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			http.Error(w, "no such category", http.StatusUnprocessableEntity)
		}
	}
	stop := run(t, l, "http://"+r.address, nil)
	add(t, l, 1, 2, incident.UpdateOpened)
	r.await("u2")
	stop()
	d, err := l.DeadLetters(t.Context(), 10)
	if err != nil || len(d) != 1 || d[0].Seq != 1 || d[0].Sink != "webhook:other" || !strings.Contains(d[0].Reason, "no such category") {
		t.Fatalf("%+v, %v", d, err)
	}
}

func TestTriedForSoLongAndThenSetAside(t *testing.T) {
	t.Parallel()
	r, l := newReceiver(t), openLog(t)
	r.answer = func(_ int, w http.ResponseWriter, req *http.Request) {
		if req.Header.Get(webhook.HeaderID) == "u1" {
			w.WriteHeader(http.StatusNotFound)
		}
	}
	stop := run(t, l, "http://"+r.address, func(s *webhook.Settings) { s.GiveUpAfter = 50 * time.Millisecond })
	add(t, l, 1, 2, incident.UpdateOpened)
	r.await("u2")
	stop()
	if d, err := l.DeadLetters(t.Context(), 10); err != nil || len(d) != 1 || !strings.Contains(d[0].Reason, "404") {
		t.Fatalf("%+v, %v", d, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	r, l := newReceiver(t), openLog(t)
	r.answer = func(n int, w http.ResponseWriter, req *http.Request) {
		if n == 1 {
			http.Redirect(w, req, elsewhere.URL, http.StatusTemporaryRedirect)
		}
	}
	stop := run(t, l, "http://"+r.address, nil)
	add(t, l, 1, 1, incident.UpdateNote)
	r.await("u1")
	stop()
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for raw, sound := range map[string]bool{
		"https://dinas.example/in": true, "http://127.0.0.1:9000/in": true, "http://localhost/in": true, "http://[::1]/": true,
		"http://dinas.example/in": false, "http://10.0.0.7/": false, "http://169.254.169.254/latest": false, "ftp://127.0.0.1/": false,
		"https://": false, "https://user:pass@dinas.example/": false, "": false, "http://127.0.0.1.example/": false,
	} {
		if err := webhook.CheckURL(raw); (err == nil) != sound {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

// TestSignature holds the signature to a value made with OpenSSL:
// printf '1763953200.{"id":"u1"}' | openssl dgst -sha256 -hmac 'rahasia bersama'
func TestSignature(t *testing.T) {
	t.Parallel()
	const want = "v1=bc6985f298ff3f61bb53e2cdcf4a90e3acc77b70a3c2cddcc449c967addab804"
	if got := webhook.Sign(secret, time.Unix(1763953200, 0), []byte(`{"id":"u1"}`)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
