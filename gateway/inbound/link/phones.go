package link

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"htgateway/devices"
	"htgateway/devices/account"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/inbound/intake"
)

// Phones takes what OwnTracks posts in HTTP mode, for phones behind networks that
// let nothing but HTTP through. The phone gets its receipt only once the
// journal has it; until then it keeps the payload and posts it again.
//
// Source: OwnTracks booklet, "HTTP".
type Phones struct {
	overHTTP
	read    *owntracks.Decoder
	intake  Intake
	mailbox *Mailbox
	now     func() time.Time
	log     *slog.Logger
	*credentials
}

// NewPhones returns the link of what phones post. Nobody may post before SetUsers: devices
// may then, and no CAD, reader or mesh gateway.
func NewPhones(read *owntracks.Decoder, mailbox *Mailbox, v *account.Verifier, p Parts) *Phones {
	about := About{ID: PhonesID, Kind: "http", Protocol: string(devices.OwnTracks)}
	return &Phones{
		overHTTP: overHTTP{about: about, ledgers: p.Intake, since: p.Now().UTC()},
		read:     read, intake: p.Intake, mailbox: mailbox, now: p.Now, log: p.Log.With("link", PhonesID), credentials: newCredentials(account.Device, v),
	}
}

// ServeHTTP takes one post. A payload that is wrong is set aside and answered like a
// good one, since the phone would post it again for ever; a user who speaks for
// another is refused.
func (p *Phones) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	user, given, has := r.BasicAuth()
	err := account.ErrRefused
	if has {
		err = p.verify(r.Context(), user, given, r.RemoteAddr)
	}
	if err != nil {
		p.log.Warn("phone refused", "user", user, "from", r.RemoteAddr, "reason", err)
		if tooMany(w, err) {
			http.Error(w, "too many wrong passwords; post it again later", http.StatusTooManyRequests)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="htgateway", charset="UTF-8"`)
		http.Error(w, "a device user and its password are needed", http.StatusUnauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "the post cannot be read", http.StatusRequestEntityTooLarge)
		return
	}
	device := first(r.Header.Get("X-Limit-D"), r.URL.Query().Get("d"))
	f := devices.Frame{Raw: body}
	if named := first(r.Header.Get("X-Limit-U"), r.URL.Query().Get("u")); named != "" && named != user || strings.ContainsAny(device, "/+#") {
		f.Report = devices.Report{Protocol: devices.OwnTracks, ReceivedAt: p.now(), Device: devices.Identity("owntracks:" + user + "/?")}
		f.Err = owntracks.ErrImpostor
	} else if len(body) > 0 { // an empty post is a friend deleted in the app
		f.Report, f.Err = p.read.DecodePost(user, device, body, p.now())
	}
	if len(body) > 0 || f.Err != nil {
		if err := p.intake.Take(r.Context(), intake.Heard{Frame: f, Link: p.about.ID}); err != nil {
			p.log.Error("post not taken", "user", user, "reason", err)
			w.Header().Set("Retry-After", "2")
			http.Error(w, "the journal cannot be written; post it again later", http.StatusServiceUnavailable)
			return
		}
	}
	if errors.Is(f.Err, owntracks.ErrImpostor) {
		http.Error(w, "the payload names another user's device", http.StatusForbidden)
		return
	}
	p.answer(w, f.Report.Device)
}

// answer hands over the commands that wait for the phone.
func (p *Phones) answer(w http.ResponseWriter, device devices.Identity) {
	commands := p.mailbox.take(device)
	if commands == nil {
		commands = []json.RawMessage{}
	}
	b, err := json.Marshal(commands)
	if err != nil {
		p.log.Error("commands cannot be encoded", "device", device, "reason", err)
		b = []byte("[]")
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // a phone that is gone asks again
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
