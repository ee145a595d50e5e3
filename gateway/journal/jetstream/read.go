package jetstream

import (
	"context"

	"htgateway/gateway/journal"
)

// Read returns up to limit entries after the given number, in order.
func (j *Journal) Read(ctx context.Context, after uint64, limit int) ([]journal.Entry, error) {
	return j.copy.Read(ctx, after, limit)
}

// Find returns the entry with an id; false when there is none.
func (j *Journal) Find(ctx context.Context, id string) (journal.Entry, bool, error) {
	return j.copy.Find(ctx, id)
}

// Follow calls take with every entry after the given number and then with each new
// one, whoever wrote it, until ctx ends or take fails.
func (j *Journal) Follow(ctx context.Context, after uint64, take func([]journal.Entry) error) error {
	return j.copy.Follow(ctx, after, take)
}

// Last is the number of the newest entry in the copy.
func (j *Journal) Last(ctx context.Context) (uint64, error) { return j.copy.Last(ctx) }

// Cursor is the number up to which a reader of this gateway is done.
func (j *Journal) Cursor(ctx context.Context, reader string) (uint64, error) {
	return j.copy.Cursor(ctx, reader)
}

// SetCursor keeps how far a reader of this gateway is.
func (j *Journal) SetCursor(ctx context.Context, reader string, seq uint64) error {
	return j.copy.SetCursor(ctx, reader, seq)
}

// SaveSnapshot keeps a fold's state, beside this gateway's copy.
func (j *Journal) SaveSnapshot(ctx context.Context, fold string, seq uint64, state []byte) error {
	return j.copy.SaveSnapshot(ctx, fold, seq, state)
}

// Snapshot returns a fold's newest state; seq 0 when there is none.
func (j *Journal) Snapshot(ctx context.Context, fold string) (seq uint64, state []byte, err error) {
	return j.copy.Snapshot(ctx, fold)
}
