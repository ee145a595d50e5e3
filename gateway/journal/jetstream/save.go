package jetstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Save reads the area's stream, as it is now or a little later, into
// o.File, which is a plain SQLite journal then. Everything that was acknowledged
// before the call is in it. It goes on from a copy that is there, makes no stream,
// takes no lease and writes nothing to the cluster, so gateways may run meanwhile.
func Save(ctx context.Context, o Options) (err error) {
	j, err := withCopy(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.copy.Close()) }()
	if err := j.connect(); err != nil {
		return j.unsaved(err)
	}
	defer j.connection.Close()
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	missing := false
	err = untilElected(opening, func() (err error) {
		j.stream, err = j.js.Stream(opening, streamName(o.Area))
		if missing = errors.Is(err, jetstream.ErrStreamNotFound); missing {
			return nil
		}
		return err
	})
	if missing {
		return j.unsaved(jetstream.ErrStreamNotFound)
	}
	if err == nil {
		err = checkWhole(j.stream)
	}
	if err == nil {
		err = j.checkCopy(opening)
	}
	if err == nil {
		err = untilElected(opening, func() error { return j.collectReplaced(opening) })
	}
	if err == nil {
		err = j.reachNow(ctx)
	}
	if err != nil {
		return j.unsaved(err)
	}
	return j.copy.DropNotes(ctx, appliedNote, streamNote, gatewayNote)
}

func (j *Journal) unsaved(err error) error {
	return fmt.Errorf("cannot read the journal of %q from its stream: %w", j.o.Area, err)
}

// reachNow copies what the stream has at the call: while gateways write there is no end
// to wait for.
func (j *Journal) reachNow(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	var newest uint64
	err := untilElected(opening, func() error {
		info, err := j.info(opening)
		if err == nil {
			newest = info.State.LastSeq
		}
		return err
	})
	for before := j.applied; err == nil && j.applied < newest; before = j.applied {
		if err = j.reach(ctx, newest); err != nil && j.applied > before && ctx.Err() == nil {
			err = nil // it moved: a server may have ended meanwhile
		}
	}
	return err
}
