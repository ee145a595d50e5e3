package faults

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/account/password"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/sitetest"
)

var stops = flag.Int("stops", 2, "how often the fault suite stops a gateway in order under load")

// TestFaultNoSuccessThatWasNotStored stops a gateway in order under forty callers: acts of
// every kind, keypads, phones and edge sites. Each success has its body and is in the
// journal; whatever was not taken says so, or breaks.
func TestFaultNoSuccessThatWasNotStored(t *testing.T) {
	t.Parallel()
	o := newStoppedOffice(t)
	for round := range *stops {
		o.s.Start()
		o.equip(round)
		o.call(round, 40)
		o.lives.Await(t, o.lives.Size()+5)
		o.end(syscall.SIGTERM)
		if err := o.s.Cmd.Wait(); err != nil {
			t.Errorf("round %d: %v\n%s", round, err, o.s.Log)
		}
		o.callers.Wait()
	}
	o.judge(o.s)
}

// TestFaultNoSuccessAfterTheLease freezes the acting gateway of a pair until the other acts,
// and wakes it with requests that wait. None of those that it takes itself is answered with a
// success that is not stored.
func TestFaultNoSuccessAfterTheLease(t *testing.T) {
	t.Parallel()
	o := newStoppedOffice(t)
	c := natstest.Start(t, 3)
	other := sitetest.New(t)
	// The standby begins anew, at its own address, whenever a unit is made.
	other.ReplaceConfig(`http: {listen: "127.0.0.1:0"}`, fmt.Sprintf(`http: {listen: "127.0.0.1:%d"}`, sitetest.FreePort(t)))
	for i, s := range []*sitetest.Site{o.s, other} {
		s.Configure(fmt.Sprintf("journal: {url: %q, area: majalengka, name: g%d}\n", strings.Join(c.Servers(), ","), i))
	}
	o.s.Start()
	other.Launch("standing by")
	awaitStanding(other)
	o.equip(0)
	o.call(0, 12)
	_, first := o.underKey(o.s.Page, keyed)
	o.lives.Await(t, 3)
	o.end(syscall.SIGSTOP)
	other.AwaitReady() // it acts
	for _, again := range []struct {
		body string
		want int
	}{{keyed, http.StatusCreated}, {strings.Replace(keyed, "fire", "health", 1), http.StatusUnprocessableEntity}} {
		if status, id := o.underKey(other.Page, again.body); status != again.want || status == http.StatusCreated && id != first {
			t.Errorf("at the other gateway, under the key of incident %s: %d %s, want %d", first, status, id, again.want)
		}
	}
	before := o.answered.Size()
	o.end(syscall.SIGCONT)
	o.answered.Await(t, before+1)               // who waited is answered, or the connection broke
	_ = o.s.Cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	_ = o.s.Cmd.Wait()                          // with whatever it says of the lease
	o.callers.Wait()
	other.Stop()
	o.judge(other)
}

// keyed is a call that is opened under a key at one gateway and again at the other.
const keyed = `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`

// underKey opens it.
func (o *stoppedOffice) underKey(page, body string) (status int, id string) {
	o.t.Helper()
	c := &stoppedCaller{o: o, page: page}
	req := c.request("/api/v1/incidents", body)
	req.Header.Set("Idempotency-Key", "one call")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, answer.ID
}

// stoppedOffice is everybody who brings something to a gateway that ends.
type stoppedOffice struct {
	t       *testing.T
	s       *sitetest.Site
	callers sync.WaitGroup
	// taken are the ids of the acts, reports and records whose success was answered;
	// answered counts requests, however they ended; lives are incidents that had every act.
	taken, answered, lives *sitetest.Ledger

	keypad struct{ device, token string }
	mu     sync.Mutex
	wrong  []string
	count  map[string]int
}

func newStoppedOffice(t *testing.T) *stoppedOffice {
	t.Helper()
	s := sitetest.New(t)
	s.WriteFile("users", "hp:"+password.Hash([]byte("rahasia"))+"\nciremai:"+password.Hash([]byte("rahasia situs"))+":"+string(account.Edge)+"\n")
	s.AllowTransmit("roof")
	s.Configure("device_reports: {per_second: 1000, burst: 100000}\n")
	return &stoppedOffice{t: t, s: s, taken: sitetest.NewLedger(), answered: sitetest.NewLedger(), lives: sitetest.NewLedger(), count: map[string]int{}}
}

// equip enrols the keypad, once.
func (o *stoppedOffice) equip(round int) {
	if round > 0 {
		return
	}
	var enrolled struct{ Device, Token string }
	o.s.Post("/units/damkar-1/devices", map[string]string{"app": "keypad"}, &enrolled)
	o.keypad.device, o.keypad.token = enrolled.Device, enrolled.Token
}

func (o *stoppedOffice) end(sig syscall.Signal) {
	o.t.Helper()
	if err := o.s.Cmd.Process.Signal(sig); err != nil {
		o.t.Fatal(err)
	}
}

// call lets callers act until the gateway does not answer any more.
func (o *stoppedOffice) call(round, callers int) {
	page := o.s.Page
	for n := range callers {
		c := &stoppedCaller{o: o, page: page, name: fmt.Sprintf("%d-%d", round, n), number: round*1000 + n, client: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}}
		o.callers.Go(func() {
			defer c.client.CloseIdleConnections()
			for c.turn() {
			}
		})
	}
}

// stoppedCaller is one of them.
type stoppedCaller struct {
	o      *stoppedOffice
	page   string
	name   string
	number int
	turns  int
	client *http.Client
}

var errGone = errors.New("the gateway is gone")

// turn brings one thing, or all acts of an incident's life; false once nobody answers.
func (c *stoppedCaller) turn() bool {
	c.turns++
	var err error
	switch c.number % 10 {
	case 0:
		err = c.keypad()
	case 1:
		err = c.phone()
	case 2:
		err = c.site()
	case 3:
		err = c.message()
	case 4:
		err = c.unit()
	default:
		err = c.incident()
	}
	return err == nil
}

// incident goes through the life of an incident with every act.
func (c *stoppedCaller) incident() error {
	var in, other struct{ ID string }
	for _, into := range []*struct{ ID string }{&in, &other} {
		if err := c.act("open", "", "/incidents", `{"category":"fire","location":{"lat":-6.8364,"lon":108.2274}}`, into); err != nil {
			return err
		}
	}
	if in.ID == "" || other.ID == "" {
		return nil // refused; the next turn finds the gateway gone
	}
	for _, a := range []struct{ kind, path, body string }{
		{"dispatch", "dispatch", `{"units":["damkar-1"]}`}, {"review", "review", `{}`}, {"note", "notes", `{"text":"api"}`},
		{"correct", "milestones", `{"milestone":"received","at":"` + time.Now().Add(-time.Minute).UTC().Format(time.RFC3339) + `","reason":"x","confirm":true}`},
		{"relocate", "relocate", `{"location":{"lat":-6.83,"lon":108.22},"reason":"x"}`}, {"release", "release", `{"units":["damkar-1"]}`},
		{"close", "close", `{}`}, {"reopen", "reopen", `{"reason":"x"}`}, {"cancel", "cancel", `{"reason":"x"}`}, {"reopen", "reopen", `{"reason":"y"}`},
		{"merge", "merge", `{"into":"` + other.ID + `"}`}, {"erase", "erase", `{"reason":"z"}`},
	} {
		if err := c.act(a.kind, in.ID, "/incidents/"+in.ID+"/"+a.path, a.body, nil); err != nil {
			return err
		}
	}
	c.o.lives.Add(in.ID)
	return nil
}

// act makes one act under a key of its own. Its id follows from kind, subject, caller and
// key.
func (c *stoppedCaller) act(kind, subject, path, body string, into any) error {
	c.turns++
	key := fmt.Sprintf("%s/%d", c.name, c.turns)
	req := c.request("/api/v1"+path, body)
	req.Header.Set("Idempotency-Key", key)
	return c.send(req, kind, "a"+journal.Digest(kind, subject, "local", key), func(text []byte) bool {
		var answer struct{ ID string }
		if json.Unmarshal(text, &answer) != nil || answer.ID == "" || subject != "" && answer.ID != subject {
			return false
		}
		return into == nil || json.Unmarshal(text, into) == nil
	})
}

func (c *stoppedCaller) message() error {
	key := fmt.Sprintf("%s/%d", c.name, c.turns)
	id := "a" + journal.Digest("message", "damkar-1", "local", key)
	req := c.request("/api/v1/units/damkar-1/messages", `{"text":"mundur","expires_s":1}`)
	req.Header.Set("Idempotency-Key", key)
	return c.send(req, "message", id, func(text []byte) bool { return strings.Contains(string(text), id) })
}

// unit makes a unit, binds a radio to it and releases it.
func (c *stoppedCaller) unit() error {
	name := fmt.Sprintf("pmi-%s-%d", c.name, c.turns)
	radio := "aprs:" + name
	for _, a := range []struct{ kind, method, path, body, device string }{
		{"unit", http.MethodPost, "/units", `{"call_sign":"` + name + `"}`, ""},
		{"bind", http.MethodPost, "/units/" + name + "/devices", `{"device":"` + radio + `"}`, radio},
		{"release", http.MethodDelete, "/units/" + name + "/devices/" + radio, "", radio},
	} {
		req := c.request("/api/v1"+a.path, a.body)
		req.Method = a.method
		req.Header.Set("Idempotency-Key", name)
		err := c.send(req, "unit "+a.kind, "e"+journal.Digest(a.kind, name, a.device, "local", name), func(text []byte) bool {
			return (len(text) == 0) == (a.method == http.MethodDelete)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *stoppedCaller) keypad() error {
	said := fmt.Sprintf("keypad %s %d", c.name, c.turns)
	req := c.request("/api/v1/devices/"+strings.TrimPrefix(c.o.keypad.device, "field:")+"/report", fmt.Sprintf(`{"text":%q}`, said))
	req.Header.Set("Authorization", "Bearer "+c.o.keypad.token)
	return c.send(req, "keypad", said, func(text []byte) bool { return strings.Contains(string(text), `"journaled"`) })
}

func (c *stoppedCaller) phone() error {
	at := 1_750_000_000 + c.number*10_000 + c.turns // each phone says another second
	req := c.request("/pub?u=hp&d=phone", fmt.Sprintf(`{"_type":"location","tid":"hp","lat":-6.8364,"lon":108.2274,"tst":%d}`, at))
	req.SetBasicAuth("hp", "rahasia")
	return c.send(req, "phone", fmt.Sprint("phone ", at), func(text []byte) bool { return json.Unmarshal(text, &[]json.RawMessage{}) == nil })
}

func (c *stoppedCaller) site() error {
	id := fmt.Sprintf("site %s %d", c.name, c.turns)
	body, err := json.Marshal(devices.Report{ID: id, Protocol: devices.FieldJSON, Kind: devices.KindMessage, Device: "field:jauh", Link: "jauh", ReceivedAt: time.Now().UTC(), Text: id, Raw: []byte(id)})
	if err != nil {
		return err
	}
	req := c.request("/api/v1/edges/ciremai/records", fmt.Sprintf(`{"sent_at":%q,"records":[{"id":%q,"kind":"report","at":%q,"body":%s}]}`,
		time.Now().UTC().Format(time.RFC3339Nano), id, time.Now().UTC().Format(time.RFC3339Nano), body))
	req.SetBasicAuth("ciremai", "rahasia situs")
	return c.send(req, "edge", id, func(text []byte) bool { return strings.Contains(string(text), `"taken":1`) })
}

func (c *stoppedCaller) request(path, body string) *http.Request {
	req, err := http.NewRequestWithContext(c.o.t.Context(), http.MethodPost, c.page+path, strings.NewReader(body))
	if err != nil {
		panic(err) // of this test's own words
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

// send notes what came of a request. A success without its body is wrong, and so is a 503
// that does not say when to come again.
func (c *stoppedCaller) send(req *http.Request, kind, id string, whole func(body []byte) bool) error {
	o := c.o
	resp, err := c.client.Do(req)
	defer o.answered.Add(fmt.Sprint(c.name, " ", c.turns, " ", kind))
	if err != nil {
		return errGone
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return errGone // the connection broke: nothing was said
	}
	o.mu.Lock()
	o.count[fmt.Sprint(kind, " ", resp.StatusCode)]++
	switch {
	case resp.StatusCode < 300 && !whole(text):
		o.wrong = append(o.wrong, fmt.Sprintf("%s: %s with %q", kind, resp.Status, text))
	case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") == "":
		o.wrong = append(o.wrong, fmt.Sprintf("%s: %s does not say when to come again: %s", kind, resp.Status, text))
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusServiceUnavailable:
		o.wrong = append(o.wrong, fmt.Sprintf("%s: %s: %s", kind, resp.Status, text))
	}
	o.mu.Unlock()
	if resp.StatusCode < 300 {
		o.taken.Add(id)
	}
	if resp.StatusCode == http.StatusServiceUnavailable {
		return errGone // it takes nothing any more
	}
	return nil
}

// judge holds what was answered against a journal.
func (o *stoppedOffice) judge(s *sitetest.Site) {
	o.t.Helper()
	j, err := sqlite.OpenToRead(o.t.Context(), filepath.Join(s.Dir, "data", "journal.db"))
	if err != nil {
		o.t.Fatal(err)
	}
	defer j.Close()
	stored := map[string]bool{}
	for e, err := range j.Entries(o.t.Context()) {
		if err != nil {
			o.t.Fatal(err)
		}
		stored[e.ID] = true
		var r devices.Report
		if e.Kind == journal.KindReport && json.Unmarshal(e.Body, &r) == nil {
			stored[r.Text] = true
			stored[fmt.Sprint("phone ", r.DeviceTime.Unix())] = true
		}
	}
	missing := 0
	for _, id := range o.taken.Texts() {
		if !stored[id] {
			if missing++; missing <= 10 {
				o.t.Errorf("answered with a success, and not stored: %s", id)
			}
		}
	}
	for _, w := range o.wrong {
		o.t.Error(w)
	}
	o.t.Logf("%d successes, %d not stored; %v", o.taken.Size(), missing, o.count)
	for _, kind := range []string{"open 201", "dispatch 200", "review 200", "note 201", "correct 200", "relocate 200", "close 200", "reopen 200", "cancel 200", "merge 200", "erase 200", "message 202", "unit unit 201", "unit bind 201", "unit release 204", "keypad 200", "phone 200", "edge 200"} {
		if o.count[kind] == 0 {
			o.t.Errorf("no %s among %v", kind, o.count)
		}
	}
}
