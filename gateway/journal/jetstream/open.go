package jetstream

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"htgateway/devices/transport/reconnect"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// Options of a journal.
type Options struct {
	// Servers are the cluster's, as nats://host:port or tls://host:port.
	Servers []string
	// CredsFile, when not empty, holds the NATS credentials; TLS is nil for the system's
	// certificates where a server asks for TLS.
	CredsFile string
	TLS       *tls.Config
	// Area names the service area: letters, digits, dashes and underscores.
	Area string
	// Replicas of the stream: 3, or 1 for trying.
	Replicas int
	// File is where the copy is kept, a SQLite journal.
	File string
	// Name tells this gateway from the others of its area.
	Name string
	// Lease is how long the writing gateway may be silent before another takes over.
	Lease time.Duration
	// Now is the gateway's clock, for JournaledAt.
	Now func() time.Time
	Log *slog.Logger
}

// Journal is one service area's journal. It is safe for concurrent use.
type Journal struct {
	o       Options
	copy    *sqlite.Journal
	copyNow atomic.Int64 // when the batch that is being copied was journaled

	connection *nats.Conn
	js         jetstream.JetStream
	stream     jetstream.Stream
	subject    string
	hint       *nats.Subscription
	news       chan struct{} // somebody wrote to the stream

	queue journal.Queue[request]

	// Only the running goroutine, and before it starts, whoever opens, uses these.
	applied  uint64 // the newest message of the stream that the copy has
	last     uint64 // the newest entry
	saved    uint64 // what applied was when it was saved
	savedAt  time.Time
	replaced map[uint64]*batch // replacements by the message that they replaced, without their records
	standing map[uint64]uint64 // the message of each replacement
	marks    map[string]bool   // own batches that turned up before their publishing was acknowledged

	lease lease

	mu      sync.Mutex
	trouble error

	commits, bytes atomic.Uint64
}

// ErrStandby is returned by an append on a gateway that is not the writing one.
var ErrStandby = errors.New("journal: another gateway of the area writes it")

// Names of the copy's notes about the stream.
const (
	appliedNote = "jetstream"
	streamNote  = "jetstream stream"
	gatewayNote = "jetstream gateway"
)

// openWithin is how long the cluster is waited for.
const openWithin = 30 * time.Second

// Open connects to the cluster, makes the area's stream where it is missing, and brings
// the copy up to date. The journal can then be read and followed; see [Journal.Lead]
// for writing.
func Open(ctx context.Context, o Options) (*Journal, error) {
	j, err := withCopy(ctx, o)
	if err != nil {
		return nil, err
	}
	holder, err := j.identity(ctx)
	if err != nil {
		return nil, errors.Join(err, j.copy.Close())
	}
	j.lease = lease{holder: holder}
	if err := j.join(ctx); err != nil {
		if j.connection != nil {
			j.connection.Close()
		}
		return nil, errors.Join(fmt.Errorf("cannot open the journal of %q at %s: %w", o.Area, strings.Join(o.Servers, ","), err), j.copy.Close())
	}
	go j.run()
	return j, nil
}

// withCopy opens the copy, and nothing else yet.
func withCopy(ctx context.Context, o Options) (*Journal, error) {
	j := &Journal{
		o: o, subject: subjectOf(o.Area), news: make(chan struct{}, 1),
		queue:    journal.NewQueue[request](),
		replaced: map[uint64]*batch{}, standing: map[uint64]uint64{}, marks: map[string]bool{},
	}
	var err error
	j.copy, err = sqlite.Open(ctx, o.File, sqlite.Options{Now: func() time.Time { return time.Unix(0, j.copyNow.Load()) }, Log: o.Log})
	return j, err
}

// identity names the gateway by its data folder, which no other process has open: one
// that begins anew holds the lease that it had.
func (j *Journal) identity(ctx context.Context) (string, error) {
	_, id, err := j.copy.Snapshot(ctx, gatewayNote)
	if err == nil && len(id) == 0 {
		id = []byte(rand.Text()[:12])
		err = j.copy.SaveSnapshot(ctx, gatewayNote, 1, id)
	}
	return j.o.Name + " " + string(id), err
}

func (j *Journal) connect() error {
	options := []nats.Option{
		nats.Name("htgateway " + j.o.Name), nats.MaxReconnects(-1), nats.ReconnectWait(200 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2), nats.RetryOnFailedConnect(true), nats.Timeout(2 * time.Second),
		nats.ReconnectBufSize(-1), // what was published into nowhere is published again anyhow
		nats.DisconnectErrHandler(func(c *nats.Conn, err error) {
			if !c.IsClosed() {
				j.o.Log.Warn("journal's server lost", "reason", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { j.o.Log.Info("journal's server found", "server", c.ConnectedUrlRedacted()) }),
	}
	if j.o.CredsFile != "" {
		options = append(options, nats.UserCredentials(j.o.CredsFile))
	}
	if j.o.TLS != nil {
		options = append(options, nats.Secure(j.o.TLS))
	}
	var err error
	if j.connection, err = nats.Connect(strings.Join(j.o.Servers, ","), options...); err != nil {
		return err
	}
	j.js, err = jetstream.New(j.connection)
	return err
}

// join finds or makes the stream and brings the copy up to date.
func (j *Journal) join(ctx context.Context) error {
	if err := j.connect(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	if err := untilElected(ctx, func() error { return j.findStream(ctx) }); err != nil {
		return err
	}
	if err := checkWhole(j.stream); err != nil {
		return err
	}
	if err := untilElected(ctx, func() error { return j.lease.open(ctx, j.js, j.o) }); err != nil {
		return err
	}
	if err := j.checkCopy(ctx); err != nil {
		return err
	}
	var err error
	j.hint, err = j.connection.Subscribe(j.subject, func(*nats.Msg) { j.wake() })
	if err != nil {
		return err
	}
	if err := untilElected(ctx, func() error { return j.collectReplaced(ctx) }); err != nil {
		return err
	}
	long := context.WithoutCancel(ctx) // a whole journal may have to be copied
	return untilElected(ctx, func() error { return j.catchUp(long) })
}

func (j *Journal) wake() {
	select {
	case j.news <- struct{}{}:
	default:
	}
}

// untilElected tries again while a cluster elects its leaders.
func untilElected(ctx context.Context, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		if ended := reconnect.Pause(ctx, 200*time.Millisecond); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

func (j *Journal) findStream(ctx context.Context) (err error) {
	try, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if j.stream, err = j.js.Stream(try, streamName(j.o.Area)); !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	j.stream, err = j.js.CreateStream(try, streamOf(j.o))
	return err
}

func streamName(area string) string { return "htgateway_" + area }

func subjectOf(area string) string { return "htgateway." + area + ".journal" }

// streamOf is how an area's stream is made.
func streamOf(o Options) jetstream.StreamConfig {
	subject := subjectOf(o.Area)
	return jetstream.StreamConfig{
		Name: streamName(o.Area), Subjects: []string{subject, subject + ".replaced"}, Description: "htgateway's journal of " + o.Area,
		Storage: jetstream.FileStorage, Replicas: o.Replicas, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		Compression: jetstream.S2Compression, MaxMsgs: -1, MaxBytes: -1,
	}
}

// checkCopy refuses a copy of another stream: nothing is ever deleted to make it fit.
func (j *Journal) checkCopy(ctx context.Context) error {
	created := j.stream.CachedInfo().Created.UTC().Format(time.RFC3339Nano)
	_, noted, err := j.copy.Snapshot(ctx, streamNote)
	if err != nil {
		return err
	}
	if j.last, err = j.copy.Last(ctx); err != nil {
		return err
	}
	if len(noted) == 0 && j.last > 0 || len(noted) > 0 && string(noted) != created {
		return fmt.Errorf("the copy in %s is not of this stream (made %s): move its journal.db and state.db away", filepath.Dir(j.o.File), created)
	}
	if j.applied, err = j.copy.Cursor(ctx, appliedNote); err != nil {
		return err
	}
	j.saved = j.applied
	return j.copy.SaveSnapshot(ctx, streamNote, 1, []byte(created))
}

// Close stores what waits, lets another gateway take over, and closes the copy.
func (j *Journal) Close() error {
	j.queue.Close()
	j.lease.release()
	err := j.saveApplied(context.Background(), true)
	j.connection.Close()
	return errors.Join(err, j.copy.Close())
}

// Stats returns the counters.
func (j *Journal) Stats() journal.Stats {
	return journal.Stats{Commits: j.commits.Load(), Bytes: j.bytes.Load(), Entries: j.copy.Stats().Entries}
}

// Trouble is why the newest append failed, or nil when it did not.
func (j *Journal) Trouble() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.trouble
}

func (j *Journal) note(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.trouble = err
}

// Rest drops from memory what the copy has at hand for a busy gateway.
func (j *Journal) Rest() { j.copy.Rest() }
