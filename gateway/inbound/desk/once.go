package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// request is one request for an act, with what makes a repeated one known.
type request struct {
	incident.Actor
	kind incident.ActKind
	// subject is the incident, unit or alert that it is about.
	subject string
	// digest tells one request from another under the same key, empty where the same key
	// may come with another body.
	digest string
}

// asked is a request as it came. Nothing of its body can be found in the digest by trying:
// the key, which is kept nowhere, is hashed with it.
func asked(c incident.Actor, kind incident.ActKind, subject string, body any) request {
	r := request{Actor: c, kind: kind, subject: subject}
	if c.Key == "" {
		return r
	}
	text, err := json.Marshal(body)
	if err != nil { // of structs of texts and numbers: never
		text = []byte(err.Error())
	}
	r.digest = journal.Digest("request", c.By, c.Key, string(text))
	return r
}

// about is the same request for an act that follows from it.
func (r request) about(kind incident.ActKind, subject string) request {
	r.kind, r.subject = kind, subject
	return r
}

// act starts an act whose id is the caller's key, so that the journal knows a repeated
// request as a duplicate.
func (d *Desk) act(r request) incident.Act {
	key := r.Key
	if key == "" {
		key = "once " + rand.Text()
	}
	act := incident.Act{ID: "a" + journal.Digest(string(r.kind), r.subject, r.By, key), Kind: r.kind, Incident: r.subject, By: r.By}
	act.Request = r.digest
	return act
}

// errOtherBody is the answer to a key that was used for something else.
var errOtherBody = fmt.Errorf("%w: this Idempotency-Key was used for another request; a new request needs a new key", incident.ErrInvalid)

// earlier finds the act that a request with this key made before; found is false for a
// request without a key, or with a new one. The error is errOtherBody when that request
// was another one. Acts from before they kept a digest count as the same.
func (d *Desk) earlier(ctx context.Context, r request) (was incident.Act, found bool, err error) {
	if r.Key == "" {
		return was, false, nil
	}
	want := d.act(r)
	e, found, err := d.journal.Find(ctx, want.ID)
	if err != nil {
		return was, false, fmt.Errorf("cannot look for an earlier request: %w", err)
	}
	if !found {
		return was, false, nil
	}
	if err := json.Unmarshal(e.Body, &was); err != nil {
		return was, true, fmt.Errorf("cannot decode act %q of entry %d: %w", e.ID, e.Seq, err)
	}
	if was.Request != "" && want.Request != "" && was.Request != want.Request {
		return was, true, errOtherBody
	}
	return was, true, nil
}

// appendWithin bounds how long an act is tried to be stored. A caller who leaves does not
// end it: whoever acts next on the same incident must know whether it was stored.
const appendWithin = 30 * time.Second

// store journals an act.
func (d *Desk) store(ctx context.Context, act incident.Act) error {
	_, err := d.storedAs(ctx, act)
	return err
}

func (d *Desk) storedAs(ctx context.Context, act incident.Act) (seq uint64, err error) {
	rec, err := journal.NewRecord(journal.KindAct, act.ID, act.At, act)
	if err != nil {
		return 0, err
	}
	storing, cancel := context.WithTimeout(context.WithoutCancel(ctx), appendWithin)
	defer cancel()
	results, err := d.journal.Append(storing, rec)
	if err != nil {
		return 0, fmt.Errorf("cannot journal the act: %w: %w", incident.ErrNotStored, err)
	}
	return results[0].Seq, nil
}

// append journals an act and waits for its effect.
func (d *Desk) append(ctx context.Context, act incident.Act) error {
	seq, err := d.storedAs(ctx, act)
	if err != nil {
		return err
	}
	if err := d.state.Wait(ctx, seq); err != nil {
		return fmt.Errorf("%w: %w", incident.ErrNotStored, err)
	}
	return nil
}

// perform checks and journals an act on an incident, one at a time: nothing comes
// between the check and the journal. Prepare checks the act against the incident as it
// stands and fills it in; it is not asked when the same request was taken before.
func (d *Desk) perform(ctx context.Context, r request, subjects []string, prepare func(in incident.Incident, act *incident.Act) error) (incident.Incident, error) {
	free, err := d.locks.take(ctx, append([]string{incidentLock + r.subject}, subjects...)...)
	if err != nil {
		return incident.Incident{}, err
	}
	defer free()
	in, err := d.incident(ctx, r.subject)
	if err != nil {
		return incident.Incident{}, err
	}
	switch _, found, err := d.earlier(ctx, r); {
	case err != nil:
		return incident.Incident{}, err
	case found:
		return in, nil
	}
	act := d.act(r)
	if err := prepare(in, &act); err != nil {
		return incident.Incident{}, err
	}
	return d.record(ctx, act)
}

// record stamps and journals an act on an incident and returns the incident after it.
func (d *Desk) record(ctx context.Context, act incident.Act) (incident.Incident, error) {
	d.stamp(&act)
	if err := d.append(ctx, act); err != nil {
		return incident.Incident{}, err
	}
	in, known := d.state.Incident(act.Incident)
	if !known {
		return incident.Incident{}, fmt.Errorf("incident %q %w after its act", act.Incident, incident.ErrNotFound)
	}
	return in, nil
}

// What an act may lock.
const (
	openingLock  = "opening" // one opening at a time, so that numbers are unique
	incidentLock = "incident/"
	unitLock     = "unit/"
	alertLock    = "alert/"
)

func unitLocks(units []string) []string {
	out := make([]string, 0, len(units))
	for _, u := range units {
		out = append(out, unitLock+u)
	}
	return out
}
