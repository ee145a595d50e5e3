package downlink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/geo"
)

// Journal is what downlink follows and writes its outcomes to.
type Journal interface {
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
	Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error
	Last(ctx context.Context) (uint64, error)
}

// Writer is the way to a radio.
type Writer interface {
	Write(ctx context.Context, b []byte) error
}

// Radio is one link that may transmit.
type Radio struct {
	Link    string
	Dialect Dialect
	Writer  Writer
}

// Options of a downlink.
type Options struct {
	// Roster says which unit a device speaks for.
	Roster []incident.Unit
	Radios []Radio
	// Now is the gateway's clock.
	Now func() time.Time
	Log *slog.Logger
}

// Downlink is safe for concurrent use.
type Downlink struct {
	journal Journal
	o       Options
	units   map[devices.Identity]incident.Unit
	byID    map[string]incident.Unit

	// edits are those of texts that were forgotten while this runs.
	editing sync.RWMutex
	edits   []func(message, text string) string

	mu      sync.Mutex
	radios  map[string]*radio
	regions regions
	heard   map[devices.Identity]string // the link that heard a device last
	live    uint64                      // entries up to this number are history
	// unrecorded are the outcomes of answers in the history that a kill kept from being
	// written.
	unrecorded map[string]journal.Delivery
	// ready is closed once history is read: before, what seems to wait may long be
	// delivered.
	ready chan struct{}
}

// radio is one link's queue and its way out.
type radio struct {
	Radio
	queue queue
	wake  chan struct{}
}

// New returns a downlink that has read nothing yet.
func New(j Journal, o Options) *Downlink {
	d := &Downlink{
		journal: j, o: o,
		radios: map[string]*radio{}, regions: regions{}, heard: map[devices.Identity]string{},
		unrecorded: map[string]journal.Delivery{}, ready: make(chan struct{}),
	}
	d.SetRoster(o.Roster)
	for _, r := range o.Radios {
		d.radios[r.Link] = &radio{Radio: r, queue: queue{link: r.Link, dialect: r.Dialect}, wake: make(chan struct{}, 1)}
	}
	return d
}

// SetRoster changes which unit a device speaks for from now on.
func (d *Downlink) SetRoster(roster []incident.Unit) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.units, d.byID = map[devices.Identity]incident.Unit{}, map[string]incident.Unit{}
	for _, u := range roster {
		d.byID[u.ID] = u
		for _, device := range u.Devices {
			d.units[device] = u
		}
	}
}

// ErrNoWay is returned by Route when nothing can be sent to a unit.
var ErrNoWay = errors.New("no radio that may transmit reaches it")

// Route is the device of a unit that a text, or a poll, goes to and the link that it goes
// over: the one that heard it last, else any of its protocol. Errors: [ErrNoWay].
func (d *Downlink) Route(unit string, poll bool) (devices.Identity, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.route(unit, poll)
}

func (d *Downlink) route(unit string, poll bool) (devices.Identity, string, error) {
	devs := d.byID[unit].Devices
	for _, device := range devs {
		if r := d.radios[d.heard[device]]; r != nil && carries(r.Dialect, device.Family(), poll) {
			return device, r.Link, nil
		}
	}
	for _, device := range devs {
		for _, r := range d.o.Radios { // in the order of the configuration
			if carries(r.Dialect, device.Family(), poll) {
				return device, r.Link, nil
			}
		}
	}
	return "", "", fmt.Errorf("unit %q: %w", unit, ErrNoWay)
}

// lookBack is how many entries of history are read at the start: messages live for
// an hour at most.
const lookBack = 50_000

// Run follows the journal and sends until ctx ends.
func (d *Downlink) Run(ctx context.Context) error {
	if len(d.radios) == 0 {
		return nil
	}
	last, err := d.journal.Last(ctx)
	if err != nil {
		return fmt.Errorf("cannot start the downlink: %w", err)
	}
	d.live = last
	if last == 0 {
		close(d.ready)
	}
	after := uint64(0)
	if last > lookBack {
		after = last - lookBack
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := d.journal.Follow(ctx, after, func(entries []journal.Entry) error { return d.take(ctx, entries) })
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("downlink stopped: %w", err)
	})
	for _, r := range d.radios {
		group.Go(func() error { return d.transmit(ctx, r) })
	}
	return group.Wait()
}

// take reads entries: acts ask, reports answer, deliveries of before a restart
// tell what is over.
func (d *Downlink) take(ctx context.Context, entries []journal.Entry) error {
	var outcomes []journal.Delivery
	d.mu.Lock()
	for _, e := range entries {
		now := d.entry(e)
		if e.Seq > d.live {
			outcomes = append(outcomes, now...)
			continue
		}
		for _, out := range now {
			d.unrecorded[out.Message+"/"+out.Unit] = out
		}
		if e.Seq == d.live {
			outcomes = slices.AppendSeq(outcomes, maps.Values(d.unrecorded))
			close(d.ready)
		}
	}
	d.mu.Unlock()
	for _, r := range d.radios {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
	return d.record(ctx, outcomes...)
}

func (d *Downlink) entry(e journal.Entry) []journal.Delivery {
	var err error
	switch e.Kind {
	case journal.KindAct:
		var act incident.Act
		if err = json.Unmarshal(e.Body, &act); err != nil {
			break
		}
		if act.Kind == incident.ActMessage {
			return d.queueMessage(&act)
		}
		return d.watch(&act)
	case journal.KindReport:
		var r *devices.Report
		if r, err = journal.Decode[devices.Report](e); err == nil {
			return d.report(r, e.Seq > d.live)
		}
	case journal.KindDelivery:
		var out journal.Delivery
		if err = json.Unmarshal(e.Body, &out); err == nil && e.Seq <= d.live {
			d.replay(out)
		}
	}
	if err != nil {
		d.o.Log.Error("entry cannot be read by the downlink", "seq", e.Seq, "reason", err)
	}
	return nil
}

// replay brings a queue up to what was done before a restart.
func (d *Downlink) replay(out journal.Delivery) {
	id := out.Message + "/" + out.Unit
	if out.Final() || out.State == journal.DeliverySent && d.unrecorded[id].State == journal.DeliveryExpired {
		delete(d.unrecorded, id) // what was on its way when it was withdrawn is out
	}
	for _, r := range d.radios {
		if out.Final() || out.State == journal.DeliverySent && r.queue.unanswered(id) {
			r.queue.remove(id)
			continue
		}
		for _, e := range r.queue.orders {
			if e.id() != id {
				continue
			}
			if e.attempt == 0 && out.Attempt > 0 {
				e.begun = out.At
			}
			e.attempt = out.Attempt
		}
	}
}

// queueMessage queues a dispatcher's message for each of its units.
func (d *Downlink) queueMessage(act *incident.Act) []journal.Delivery {
	now := d.o.Now().UTC()
	var outcomes []journal.Delivery
	if erased(act) {
		return nil
	}
	for _, unit := range act.Units {
		o := Order{Message: act.ID, Unit: unit, Text: act.Text, Poll: act.Poll, Expires: act.Expires}
		device, link, err := d.route(unit, act.Poll)
		if err != nil {
			outcomes = append(outcomes, journal.Delivery{Message: act.ID, Unit: unit, At: now, State: journal.DeliveryFailed, Text: act.Text, Poll: act.Poll, Why: err.Error()})
			continue
		}
		o.Device = device
		if refused := d.radios[link].queue.add(o, now); refused != nil {
			outcomes = append(outcomes, *refused)
		}
	}
	return outcomes
}

// keyAnswerLives is how long the answer to a key is worth sending.
const keyAnswerLives = time.Minute

// report matches a report with what waits for an answer, and answers a key.
func (d *Downlink) report(r *devices.Report, live bool) []journal.Delivery {
	if r.Device != "" {
		d.heard[r.Device] = r.Link
	}
	now := d.o.Now().UTC()
	var outcomes []journal.Delivery
	for _, asked := range d.o.Radios { // in the order of the configuration
		if out := d.radios[asked.Link].queue.heard(r, now); out != nil {
			outcomes = append(outcomes, *out)
		}
	}
	radio := d.radios[r.Link]
	if !live || radio == nil {
		return outcomes
	}
	if o, wanted := d.answerTo(r, radio.Dialect, now); wanted {
		if refused := radio.queue.add(o, now); refused != nil {
			outcomes = append(outcomes, *refused)
		}
	}
	return outcomes
}

// Again takes a report that was heard before: the device sends it again because it
// has not heard the acknowledgement.
func (d *Downlink) Again(r *devices.Report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	radio := d.radios[r.Link]
	if radio == nil || r.Sequence == "" {
		return
	}
	now := d.o.Now().UTC()
	o, wanted := d.answerTo(r, radio.Dialect, now)
	if !wanted {
		return
	}
	o.Message += "+" + strconv.FormatInt(r.ReceivedAt.UnixMilli(), 36)
	radio.queue.add(o, now)
	select {
	case radio.wake <- struct{}{}:
	default:
	}
}

// answerTo is what is sent to a device about its report: the protocol's own
// acknowledgement of a numbered APRS message, else a short text for a pressed key.
// A status that the device repeats by itself is no press, and a stranger gets no
// text.
func (d *Downlink) answerTo(r *devices.Report, dialect Dialect, now time.Time) (Order, bool) {
	u, known := d.units[r.Device]
	o := Order{Message: r.ID, Unit: u.ID, Device: r.Device, Expires: now.Add(keyAnswerLives)}
	if a, is := dialect.(aprsDialect); is {
		o.Acknowledges = r.Sequence
		return o, r.Kind == devices.KindMessage && r.To == a.own() && r.Sequence != ""
	}
	if !carries(dialect, r.Device.Family(), false) || !known || r.Status == "" || r.Standing || r.Retained {
		return o, false
	}
	o.Text = "OK " + keyWords[r.Status] + " " + r.ReceivedAt.In(geo.WIB()).Format("15:04")
	return o, keyWords[r.Status] != ""
}

// keyWords are the words that a team reads on its display.
var keyWords = map[devices.Status]string{
	devices.StatusAvailable: "SIAP", devices.StatusAcknowledged: "DITERIMA", devices.StatusEnRoute: "OTW",
	devices.StatusOnScene: "TIBA", devices.StatusInProgress: "PROSES", devices.StatusNeedsAssistance: "BANTUAN",
	devices.StatusCompleted: "SELESAI", devices.StatusReturning: "KEMBALI", devices.StatusOutOfService: "NONAKTIF",
	devices.StatusEmergency: "DARURAT",
}

// betweenSteps is the pause between the parts of one command: a TETRA radio
// prompts before it takes the data.
const betweenSteps = 200 * time.Millisecond

// transmit sends what a radio's queue has, one at a time. A write that hangs holds
// up this radio only.
func (d *Downlink) transmit(ctx context.Context, r *radio) error {
	select {
	case <-d.ready:
	case <-ctx.Done():
		return nil
	}
	for {
		now := d.o.Now().UTC()
		d.mu.Lock()
		e, outcomes, again := r.queue.next(now)
		if e != nil {
			e.sending = true
		}
		d.mu.Unlock()
		if e != nil {
			if out := d.try(ctx, r, e); out != nil {
				outcomes = append(outcomes, *out)
			}
		}
		if err := d.record(ctx, outcomes...); err != nil {
			return err
		}
		if e != nil {
			continue
		}
		if !pause(ctx, r.wake, again.Sub(now), !again.IsZero()) {
			return nil
		}
	}
}

// pause waits for a wake-up or until a time; false when ctx ended.
func pause(ctx context.Context, wake <-chan struct{}, d time.Duration, timed bool) bool {
	if !timed {
		d = time.Hour
	}
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-wake:
	case <-t.C:
	case <-ctx.Done():
		return false
	}
	return true
}

// try writes one attempt.
func (d *Downlink) try(ctx context.Context, r *radio, e *pendingOrder) *journal.Delivery {
	steps, err := r.Dialect.Compose(e.Order)
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		return r.queue.hopeless(e, err, d.o.Now().UTC())
	}
	for i, step := range steps {
		if i > 0 && !pause(ctx, nil, betweenSteps, true) {
			break
		}
		if err = r.Writer.Write(ctx, step); err != nil {
			d.o.Log.Warn("message not sent", "link", r.Link, "device", e.Device, "reason", err)
			break
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return r.queue.sent(e, err, d.o.Now().UTC())
}

// record journals outcomes. The radios wait meanwhile: what nobody can read later
// is not sent.
func (d *Downlink) record(ctx context.Context, outcomes ...journal.Delivery) error {
	for _, out := range outcomes {
		for {
			err := d.append(ctx, out)
			if err == nil || ctx.Err() != nil {
				break
			}
			d.o.Log.Error("delivery waits for the disk", "message", out.Message, "reason", err)
			if !pause(ctx, nil, time.Second, true) {
				break
			}
		}
		d.o.Log.Info("message", "message", out.Message, "report", out.Report, "unit", out.Unit, "device", out.Device, "link", out.Link, "state", out.State, "attempt", out.Attempt, "why", out.Why)
	}
	return nil
}
