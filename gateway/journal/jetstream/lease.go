package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// lease lets one gateway of an area write. It is a key in a bucket whose entries
// expire: whoever makes it holds it, and renews it. It keeps two from writing in turn;
// that neither stores what it should not is the condition of every message.
type lease struct {
	holder string
	key    string
	every  time.Duration // renewed so often
	bucket jetstream.KeyValue
	log    *slog.Logger

	mu    sync.Mutex
	epoch uint64 // 0 when not held
	other string // who held it when last asked
	lost  chan struct{}
	end   context.CancelFunc
	ended chan struct{}
}

// open finds or makes the bucket.
func (l *lease) open(ctx context.Context, js jetstream.JetStream, o Options) (err error) {
	try, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	l.key, l.every, l.log = o.Area, o.Lease/3, o.Log
	// The time that a lease lasts is the bucket's: gateways that differ in it do not meet.
	bucket := fmt.Sprintf("htgateway_leases_%d", o.Lease.Milliseconds())
	if l.bucket, err = js.KeyValue(try, bucket); !errors.Is(err, jetstream.ErrBucketNotFound) {
		return err
	}
	l.bucket, err = js.CreateKeyValue(try, jetstream.KeyValueConfig{
		Bucket: bucket, Description: "who writes the journal of an area", History: 1, TTL: o.Lease, Storage: jetstream.FileStorage, Replicas: o.Replicas,
	})
	return err
}

// heldBy is the gateway that holds the lease as far as it is known, empty when nobody.
func (l *lease) heldBy() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.epoch > 0 {
		return nameOf(l.holder)
	}
	return nameOf(l.other)
}

func nameOf(holder string) string {
	if i := strings.LastIndexByte(holder, ' '); i > 0 {
		return holder[:i]
	}
	return holder
}

func (l *lease) leading() (epoch uint64, is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch, l.epoch > 0
}

// seekEvery is how often the lease of another is looked at.
const seekEvery = 200 * time.Millisecond

// take waits for the lease and takes it.
func (l *lease) take(ctx context.Context) (revision uint64, err error) {
	again := time.NewTicker(seekEvery)
	defer again.Stop()
	for {
		if revision, err = l.try(ctx); err == nil {
			return revision, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

var errHeld = errors.New("journal: another gateway holds the lease")

// try takes the lease if nobody has it, or if it is this gateway's from before it
// began anew.
func (l *lease) try(ctx context.Context) (revision uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	entry, err := l.bucket.Get(ctx, l.key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
		l.heard("")
		return l.bucket.Create(ctx, l.key, []byte(l.holder))
	case err != nil:
		return 0, err
	case string(entry.Value()) == l.holder:
		return l.bucket.Update(ctx, l.key, []byte(l.holder), entry.Revision())
	}
	l.heard(string(entry.Value()))
	return 0, errHeld
}

func (l *lease) heard(other string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.other = other
}

// hold renews the lease until it is lost or released; lost is closed then.
func (l *lease) hold(revision uint64) (lost <-chan struct{}) {
	ctx, end := context.WithCancel(context.Background())
	l.mu.Lock()
	l.epoch, l.lost, l.end, l.ended = revision, make(chan struct{}), end, make(chan struct{})
	lost, ended := l.lost, l.ended
	l.mu.Unlock()
	go func() {
		defer close(ended)
		tick := time.NewTicker(l.every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			renewed, err := l.try(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case errors.Is(err, errHeld):
				l.lose("another gateway took it")
				return
			case err != nil:
				// Without the cluster nobody else can take it, and nobody can write.
				l.log.Warn("the lease of the journal is not renewed", "reason", err)
			default:
				revision = renewed
			}
		}
	}()
	return lost
}

// heardOf says that somebody wrote under an epoch.
func (l *lease) heardOf(epoch uint64) {
	l.mu.Lock()
	deposed := l.epoch > 0 && epoch > l.epoch
	l.mu.Unlock()
	if deposed {
		l.lose("another gateway writes")
	}
}

func (l *lease) lose(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.epoch == 0 {
		return
	}
	l.log.Warn("the lease of the journal is lost", "why", why)
	l.epoch = 0
	l.end()
	close(l.lost)
}

// release gives the lease back, so that another need not wait for its end.
func (l *lease) release() {
	l.mu.Lock()
	held, end, ended := l.epoch > 0, l.end, l.ended
	l.epoch = 0
	l.mu.Unlock()
	if end == nil {
		return
	}
	end()
	<-ended
	if !held {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	entry, err := l.bucket.Get(ctx, l.key)
	if err == nil && string(entry.Value()) == l.holder {
		err = l.bucket.Delete(ctx, l.key, jetstream.LastRevision(entry.Revision()))
	}
	if err != nil {
		l.log.Warn("the lease of the journal is not given back; it will expire", "reason", err)
	}
}
