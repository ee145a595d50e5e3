package link

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/inbound/intake"
)

// post sends a payload as the OwnTracks apps do.
func post(t *testing.T, server *httptest.Server, user, secret, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, secret)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

const fix = `{"_type":"location","lat":-6.8364,"lon":108.2279,"tst":1795424400`

func phones(t *testing.T, s *shelf) (*httptest.Server, *Mailbox) {
	t.Helper()
	mailbox := NewMailbox(time.Now)
	p := NewPhones("http", owntracks.NewDecoder(nil), s, mailbox, map[string]string{"andi": password.Hash([]byte("rahasia"))}, account.NewVerifier(time.Now), time.Now, slog.New(slog.DiscardHandler))
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return server, mailbox
}

func TestPosts(t *testing.T) {
	t.Parallel()
	s := &shelf{taken: make(chan intake.Heard, 10)}
	server, _ := phones(t, s)
	for _, c := range []struct {
		name, user, secret, body string
		headers                  []string
		code                     int
		answer                   string
		device                   devices.Identity // of what reaches the journal, if anything
		err                      error
	}{
		{"device by header", "andi", "rahasia", fix + `}`, []string{"X-Limit-U", "andi", "X-Limit-D", "phone"}, 200, "[]", "owntracks:andi/phone", nil},
		{"device by topic", "andi", "rahasia", fix + `,"topic":"owntracks/andi/tablet"}`, nil, 200, "[]", "owntracks:andi/tablet", nil},
		{"empty", "andi", "rahasia", "", []string{"X-Limit-D", "phone"}, 200, "[]", "", nil},
		{"wrong password", "andi", "salah", fix + `}`, []string{"X-Limit-D", "phone"}, 401, "", "", nil},
		{"wrong password after the right one", "andi", "", fix + `}`, []string{"X-Limit-D", "phone"}, 401, "", "", nil},
		{"unknown user", "budi", "rahasia", fix + `}`, []string{"X-Limit-D", "phone"}, 401, "", "", nil},
		{"another user by header", "andi", "rahasia", fix + `}`, []string{"X-Limit-U", "budi", "X-Limit-D", "phone"}, 403, "", "owntracks:andi/?", owntracks.ErrImpostor},
		{"another user by topic", "andi", "rahasia", fix + `,"topic":"owntracks/budi/phone"}`, []string{"X-Limit-D", "phone"}, 403, "", "owntracks:andi/phone", owntracks.ErrImpostor},
		{"another user by a header that is a path", "andi", "rahasia", fix + `}`, []string{"X-Limit-D", "../budi/phone"}, 403, "", "owntracks:andi/?", owntracks.ErrImpostor},
		// Set aside and answered: the phone would post it again for ever.
		{"no JSON", "andi", "rahasia", "hello", []string{"X-Limit-D", "phone"}, 200, "[]", "owntracks:andi/phone", owntracks.ErrNotJSON},
		{"too large", "andi", "rahasia", `{"x":"` + strings.Repeat("x", 65<<10) + `"}`, []string{"X-Limit-D", "phone"}, 200, "[]", "owntracks:andi/phone", owntracks.ErrTooLarge},
	} {
		code, answer := post(t, server, c.user, c.secret, c.body, c.headers...)
		if code != c.code || c.answer != "" && answer != c.answer {
			t.Errorf("%s: %d %q", c.name, code, answer)
		}
		switch {
		case c.device == "" && len(s.taken) > 0:
			t.Errorf("%s: reached the journal: %+v", c.name, <-s.taken)
		case c.device != "" && len(s.taken) == 0:
			t.Errorf("%s: did not reach the journal", c.name)
		case c.device != "":
			h := <-s.taken
			if h.Report.Device != c.device || !errors.Is(h.Err, c.err) || c.err == nil && (h.Report.Fix == nil || h.Report.Assurance != devices.AssuranceAuthenticated) {
				t.Errorf("%s: %+v, %v", c.name, h.Report, h.Err)
			}
		}
	}
}

// TestAPostIsAcknowledgedOnlyWhenJournaled: a full disk is an error of the answer, so that the phone
// keeps the payload, and the command that waits is not lost with the answer.
func TestAPostIsAcknowledgedOnlyWhenJournaled(t *testing.T) {
	t.Parallel()
	s := &shelf{refusals: 1, taken: make(chan intake.Heard, 10)}
	server, mailbox := phones(t, s)
	const command = `{"_type":"cmd","action":"reportLocation"}`
	publish := func() error {
		return mailbox.Publish(context.Background(), "owntracks/andi/phone/cmd", []byte(command))
	}
	if err := publish(); !errors.Is(err, ErrWaiting) {
		t.Fatal(err)
	}
	if code, _ := post(t, server, "andi", "rahasia", fix+`}`, "X-Limit-D", "phone"); code != http.StatusServiceUnavailable {
		t.Errorf("answered %d with the disk full", code)
	}
	if err := publish(); !errors.Is(err, ErrWaiting) {
		t.Errorf("fetched by a post that failed: %v", err)
	}
	if code, answer := post(t, server, "andi", "rahasia", fix+`}`, "X-Limit-D", "tablet"); code != 200 || answer != "[]" {
		t.Errorf("%d: another device was told %s", code, answer)
	}
	if code, answer := post(t, server, "andi", "rahasia", fix+`}`, "X-Limit-D", "phone"); code != 200 || answer != "["+command+"]" {
		t.Errorf("%d %s", code, answer)
	}
	if _, answer := post(t, server, "andi", "rahasia", fix+`}`, "X-Limit-D", "phone"); answer != "[]" {
		t.Errorf("told twice: %s", answer)
	}
	if err := publish(); err != nil {
		t.Errorf("fetched, and still %v", err)
	}
}

func TestMailboxForgetsWhatNobodyWants(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	m := NewMailbox(func() time.Time { return now })
	if err := m.Publish(t.Context(), "owntracks/andi/phone/cmd", []byte(`{}`)); !errors.Is(err, ErrWaiting) {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	if got := m.take("owntracks:andi/phone"); got != nil {
		t.Errorf("a command that is over was handed over: %s", got)
	}
	for i := range lettersAtMost {
		if err := m.Publish(t.Context(), "owntracks/andi/phone/cmd", []byte(strings.Repeat(" ", i)+`{}`)); !errors.Is(err, ErrWaiting) {
			t.Fatalf("letter %d: %v", i, err)
		}
	}
	if err := m.Publish(t.Context(), "owntracks/andi/phone/cmd", []byte(`[]`)); err == nil || errors.Is(err, ErrWaiting) {
		t.Errorf("one letter too many: %v", err)
	}
	if err := m.Publish(t.Context(), "htgateway/units/a/state", []byte(`{}`)); err == nil {
		t.Error("took what is no command")
	}
}

func TestWhatLeadsToDevicesIsNotHeard(t *testing.T) {
	t.Parallel()
	s := &shelf{taken: make(chan intake.Heard, 10)}
	m := NewMessages("mqtt", NewReaders(protocol.Keys{}), s, nil)
	take := func(topic, body string, retained bool) {
		t.Helper()
		if err := m.Take(t.Context(), devices.Message{Topic: topic, Payload: []byte(body), Retained: retained, ReceivedAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	take("owntracks/andi/phone/cmd", `{"_type":"cmd","action":"reportLocation"}`, false)
	take("msh/ID/2/json/mqtt/", `{"from":1,"type":"sendtext","payload":"x"}`, false)
	if len(s.taken) != 0 {
		t.Errorf("heard its own command: %+v", <-s.taken)
	}
	// A retained position with its own time is old news, one without could be anything.
	take("owntracks/andi/phone", fix+`}`, true)
	if h := <-s.taken; h.Err != nil || !h.Report.Retained {
		t.Errorf("%+v", h)
	}
	take("owntracks/andi/phone", `{"_type":"location","lat":-6.8364,"lon":108.2279,"tst":0}`, true)
	if h := <-s.taken; !errors.Is(h.Err, errUndated) {
		t.Errorf("%+v", h)
	}
}
