package faults

import (
	"encoding/json"
	"flag"
	"fmt"
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
