package enrolment

import (
	"crypto/rand"
	"fmt"
	"maps"
	"time"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
)

// appendWithin bounds how long an act is tried to be stored.
const appendWithin = 30 * time.Second

// request is who asks for an act, and what makes a repeated request known.
type request struct {
	incident.Actor
	// key stands for the caller's key at a route, digest for what was asked for under it;
	// both are empty without a key.
	key, digest string
}

func asked(c incident.Actor, route string, body ...string) request {
	r := request{Actor: c}
	if c.Key != "" {
		r.key = journal.Digest("enrolment key", c.By, c.Key, route)
		r.digest = journal.Digest(append([]string{"enrolment request", c.By, c.Key}, body...)...)
	}
	return r
}

// aheadAtMost is how far the newest act may be ahead of a clock that was set back, so that
// later ones still stand after it. See the same of the desk.
const aheadAtMost = 10 * time.Minute

// act starts an act; the caller holds acting.
func (r *Roster) act(q request, kind incident.EnrolmentKind, unit string, d devices.Identity) Act {
	key := q.Key
	if key == "" {
		key = "once " + rand.Text()
	}
	at := r.now().UTC()
	r.mu.RLock()
	if acts := r.registry.acts; len(acts) > 0 {
		if newest := acts[len(acts)-1].At; !at.After(newest) && newest.Sub(at) <= aheadAtMost {
			at = newest.Add(1)
		}
	}
	r.mu.RUnlock()
	return Act{
		Enrolment: incident.Enrolment{
			ID: "e" + journal.Digest(string(kind), unit, string(d), q.By, key), Kind: kind, By: q.By, At: at,
			Unit: unit, Device: d,
		},
		Key: q.key, Request: q.digest,
	}
}

// errOtherBody is the answer to a key that was used for something else.
var errOtherBody = fmt.Errorf("%w: this Idempotency-Key was used for another request; a new request needs a new key", incident.ErrInvalid)

// earlier finds the act that a request with this key made before. The error is
// errOtherBody when that request was another one. Acts from before they kept what was
// asked for count as the same.
func (r *Roster) earlier(act Act) (was Act, again bool, err error) {
	if act.Key == "" {
		return was, false, nil
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, a := range r.registry.acts {
		switch {
		case a.Key == act.Key && a.Request != act.Request:
			return a, true, errOtherBody
		case a.Key == act.Key, a.ID == act.ID:
			return a, true, nil
		}
	}
	return was, false, nil
}

// givenFor is how long secrets are at hand for who asks again because the line broke. Only
// their hashes are kept on disk.
const givenFor = 10 * time.Minute

// given are secrets that were given out lately, by the act.
type given map[string]givenSecrets

type givenSecrets struct {
	Secrets
	at time.Time
}

func (g *given) note(act string, s Secrets, now time.Time) {
	if *g == nil {
		*g = given{}
	}
	g.drop(now)
	(*g)[act] = givenSecrets{s, now}
}

func (g *given) drop(now time.Time) {
	maps.DeleteFunc(*g, func(_ string, s givenSecrets) bool { return now.Sub(s.at).Abs() > givenFor })
}

// again are the secrets of an act, an error when they are not at hand any more.
func (g *given) again(act string, now time.Time) (Secrets, error) {
	g.drop(now)
	s, has := (*g)[act]
	if !has {
		return Secrets{}, fmt.Errorf("%w: this request was done before, and its secrets were given out once: enrol anew", incident.ErrConflict)
	}
	return s.Secrets, nil
}
