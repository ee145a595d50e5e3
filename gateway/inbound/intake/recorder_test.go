package intake_test

import (
	"context"
	"encoding/json"

	"testing"

	"htgateway/devices"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// recorder is a journal that takes down what reports say of a change, and stores nothing.
type recorder struct {
	*sqlite.Journal
	changes []devices.Change
}

func (r *recorder) Append(_ context.Context, records ...journal.Record) ([]journal.Result, error) {
	for _, rec := range records {
		var report devices.Report
		if err := json.Unmarshal(rec.Body, &report); err != nil {
			return nil, err
		}
		r.changes = append(r.changes, report.Change)
	}
	return make([]journal.Result, len(records)), nil
}

// nothingWritten is a journal to which nothing may be appended.
type nothingWritten struct {
	*sqlite.Journal
	t *testing.T
}

func (n nothingWritten) Append(_ context.Context, records ...journal.Record) ([]journal.Result, error) {
	n.t.Helper()
	n.t.Errorf("%d records are new", len(records))
	return make([]journal.Result, len(records)), nil
}
