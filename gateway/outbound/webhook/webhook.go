package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/incident"
	"htgateway/gateway/state/updatelog"
	"htgateway/gateway/status"
)

// Updates is the log, with a place for each sink and its dead letters.
type Updates interface {
	FollowAsSink(ctx context.Context, sink string, take func([]incident.Update) error) error
	SetPublished(ctx context.Context, sink string, u incident.Update) error
	SetAside(ctx context.Context, d updatelog.DeadLetter) error
}

// Settings of one receiver.
type Settings struct {
	// ID names it in logs, and its cursor.
	ID, URL string
	Secret  []byte
	// Kinds of update that it gets.
	Kinds []incident.UpdateKind
	// Timeout of one attempt; GiveUpAfter is how long one update is tried.
	Timeout, GiveUpAfter time.Duration
	// Again is the first pause after a failure; it doubles up to AtMost.
	Again, AtMost time.Duration
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Hook is one receiver's sink.
type Hook struct {
	s       Settings
	updates Updates
	client  *http.Client

	current *status.Current
}

// DefaultKinds are all but the two that come in floods.
func DefaultKinds() []incident.UpdateKind {
	return []incident.UpdateKind{
		incident.UpdateOpened, incident.UpdateChanged, incident.UpdateAssigned, incident.UpdateReleased, incident.UpdateMilestone,
		incident.UpdateCorrected, incident.UpdateWitness, incident.UpdateReview, incident.UpdateNote, incident.UpdateClosed,
		incident.UpdateStatus, incident.UpdateAlert, incident.UpdateAlarm, incident.UpdateMessage, incident.UpdateDelivery,
	}
}

// New returns a hook that has not begun. Errors: [CheckURL]'s, and a missing secret.
func New(u Updates, s Settings) (*Hook, error) {
	if err := CheckURL(s.URL); err != nil {
		return nil, fmt.Errorf("webhook %q: %w", s.ID, err)
	}
	if len(s.Secret) == 0 {
		return nil, fmt.Errorf("webhook %q: no secret", s.ID)
	}
	if len(s.Kinds) == 0 {
		s.Kinds = DefaultKinds()
	}
	place, err := url.Parse(s.URL)
	if err != nil {
		return nil, fmt.Errorf("webhook %q: %w", s.ID, err)
	}
	h := &Hook{s: s, updates: u, client: newClient(place.Scheme, s.Timeout)}
	h.current = status.NewCurrent(status.Status{ID: h.sink(), Kind: "webhook", Protocol: "http"}, s.Now())
	return h, nil
}

// sink names the hook among the sinks, and its place in the log.
func (h *Hook) sink() string { return "webhook:" + h.s.ID }

// Status is how the receiver stands: Reports counts what it took and Errors what it
// refused for good.
func (h *Hook) Status() []status.Status { return h.current.Status() }

// Run posts until ctx ends.
func (h *Hook) Run(ctx context.Context) error {
	defer h.client.CloseIdleConnections()
	sink := h.sink()
	err := h.updates.FollowAsSink(ctx, sink, func(us []incident.Update) error {
		for i := range us {
			if !slices.Contains(h.s.Kinds, us[i].Kind) {
				continue
			}
			if err := h.tell(ctx, sink, &us[i]); err != nil {
				return err
			}
			if err := h.updates.SetPublished(ctx, sink, us[i]); err != nil {
				return err
			}
		}
		return h.updates.SetPublished(ctx, sink, us[len(us)-1])
	})
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("webhook %q stopped: %w", h.s.ID, err)
}

// tell posts one update until the receiver has it, refuses it for good, or the
// time for it is over.
func (h *Hook) tell(ctx context.Context, sink string, u *incident.Update) error {
	body, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("cannot encode update %d: %w", u.Seq, err)
	}
	began, pause := time.Now(), h.s.Again
	for {
		what, wait, why := h.post(ctx, u.ID, body)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if what == again && time.Since(began) > h.s.GiveUpAfter {
			what, why = refused, "given up after "+h.s.GiveUpAfter.String()+": "+why
		}
		h.note(what, why)
		switch what {
		case taken:
			return nil
		case refused:
			h.s.Log.Error("webhook update set aside", "webhook", h.s.ID, "update", u.ID, "kind", u.Kind, "reason", why)
			return h.updates.SetAside(ctx, updatelog.DeadLetter{Sink: sink, Seq: u.Seq, At: h.s.Now(), Reason: why, Body: string(body)})
		}
		wait = max(wait, pause/2+rand.N(pause/2+1)) // #nosec G404 -- not all receivers' gateways at once
		h.s.Log.Warn("webhook not taken", "webhook", h.s.ID, "update", u.ID, "reason", why, "again_in", wait)
		if err := reconnect.Pause(ctx, wait); err != nil {
			return err
		}
		pause = min(2*pause, h.s.AtMost)
	}
}

// verdict is what a receiver made of an update.
type verdict int

const (
	taken verdict = iota
	again
	refused
)

// post makes one attempt. wait is how long the receiver asks us to wait, 0 when it
// does not say.
func (h *Hook) post(ctx context.Context, id string, body []byte) (what verdict, wait time.Duration, why string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.s.URL, bytes.NewReader(body))
	if err != nil {
		return refused, 0, err.Error()
	}
	at := h.s.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "htgateway")
	req.Header.Set(HeaderID, id)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(HeaderSignature, Sign(h.s.Secret, at, body))
	resp, err := h.client.Do(req)
	if err != nil {
		return again, 0, withoutAddress(err)
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // for the log only
	why = fmt.Sprintf("%s %q", resp.Status, said)
	switch {
	case resp.StatusCode/100 == 2:
		return taken, 0, ""
	case slices.Contains([]int{400, 410, 413, 415, 422}, resp.StatusCode):
		return refused, 0, why
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		wait = h.s.AtMost
		if seconds < int(wait/time.Second) { // bounded before it is multiplied: it would run over
			wait = time.Duration(seconds) * time.Second
		}
	}
	return again, wait, why
}

// withoutAddress is why a request failed, without the receiver's address: that may hold
// a key, and what is said here is logged and shown.
func withoutAddress(err error) string {
	if of := new(url.Error); errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

func (h *Hook) note(what verdict, why string) {
	switch what {
	case taken:
		h.current.Count(func(s *status.Status) { s.Reports++ })
	case refused:
		h.current.Count(func(s *status.Status) { s.Errors++ })
	case again:
		h.current.Down(h.s.Now(), why)
		return
	}
	h.current.Up()
}
