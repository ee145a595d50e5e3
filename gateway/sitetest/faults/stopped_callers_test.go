package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

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
