package procedure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/gateway/journal"
)

// Reader finds entries of a journal by their id.
type Reader interface {
	Find(ctx context.Context, id string) (journal.Entry, bool, error)
}

// Journal is where a procedure that is seen for the first time is kept.
type Journal interface {
	Reader
	Append(ctx context.Context, records ...journal.Record) ([]journal.Result, error)
}

// Seen is what the procedure's file said when a gateway first saw it, the body of an entry
// of kind procedure. Their ids count from 1, so that they are found without reading the
// journal.
type Seen struct {
	At   time.Time `json:"at"`
	Plan sop.Plan  `json:"plan"`
}

func id(n int) string { return "procedure-" + strconv.Itoa(n) }

// Plan is the procedure as gateways have seen it, for who only reads; what the file says
// new holds from when a gateway runs with it. Where none has kept one it is the file's.
func Plan(ctx context.Context, j Reader, file sop.Plan) (sop.Plan, error) {
	seen, err := load(ctx, j)
	if err != nil {
		return sop.Plan{}, err
	}
	if len(seen) == 0 {
		seen = []Seen{{Plan: judging(file)}}
	}
	return planOf(seen, file), nil
}

// Keep is [Plan] for a gateway: what the file says new becomes an entry of the journal, and
// holds from now on. It tells whether there was such.
func Keep(ctx context.Context, j Journal, file sop.Plan, now time.Time) (plan sop.Plan, isNew bool, err error) {
	present := Seen{At: now.UTC(), Plan: judging(file)}
	for {
		seen, err := load(ctx, j)
		if err != nil {
			return plan, isNew, err
		}
		if n := len(seen); n > 0 && same(seen[n-1].Plan, present.Plan) {
			return planOf(seen, file), isNew, nil
		}
		rec, err := journal.NewRecord(journal.KindProcedure, id(len(seen)+1), present.At, present)
		if err != nil {
			return plan, isNew, fmt.Errorf("cannot encode the procedure: %w", err)
		}
		// Another gateway of the area may have been faster with this number; then look again.
		if _, err := j.Append(ctx, rec); err != nil {
			return plan, isNew, fmt.Errorf("cannot keep the procedure: %w", err)
		}
		isNew = true
	}
}

func planOf(seen []Seen, file sop.Plan) sop.Plan {
	plan := InTime(seen)
	plan.Categories = file.Categories
	return plan
}

// load reads all that was seen, in order.
func load(ctx context.Context, j Reader) ([]Seen, error) {
	var all []Seen
	for {
		e, found, err := j.Find(ctx, id(len(all)+1))
		if err != nil {
			return nil, fmt.Errorf("cannot read former procedures: %w", err)
		}
		if !found {
			return all, nil
		}
		var s Seen
		if err := json.Unmarshal(e.Body, &s); err != nil {
			return nil, fmt.Errorf("cannot decode procedure %q of entry %d: %w", e.ID, e.Seq, err)
		}
		all = append(all, s)
	}
}

// judging is the part of a procedure that judges: what categories are called does not.
func judging(p sop.Plan) sop.Plan {
	p.Categories, p.Later = nil, slices.Clone(p.Later)
	for i := range p.Later {
		p.Later[i].Categories = nil
	}
	return p
}

func same(a, b sop.Plan) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// InTime puts what was seen, in that order, into one procedure. What was seen first holds
// for all calls before it too. Every later one holds from when it was first seen, or from
// the earliest date that it is the first to name; what held before is left as it was, also
// when the file now says something else for that time.
func InTime(seen []Seen) sop.Plan {
	var out []sop.Plan // by ValidFrom
	named := map[int64]bool{}
	for n, s := range seen {
		parts := append([]sop.Plan{s.Plan}, s.Plan.Later...)
		slices.SortStableFunc(parts, func(a, b sop.Plan) int { return a.ValidFrom.Compare(b.ValidFrom) })
		from := s.At
		for _, p := range parts {
			if !p.ValidFrom.IsZero() && !named[p.ValidFrom.UnixNano()] && p.ValidFrom.Before(from) {
				from = p.ValidFrom
			}
		}
		for _, p := range parts {
			named[p.ValidFrom.UnixNano()] = true
		}
		if n == 0 {
			from, parts[0].ValidFrom = time.Time{}, time.Time{}
		}
		out = slices.DeleteFunc(out, func(p sop.Plan) bool { return !p.ValidFrom.Before(from) })
		for i, p := range parts {
			if i+1 < len(parts) && !parts[i+1].ValidFrom.After(from) {
				continue // another part holds at from
			}
			if p.ValidFrom.Before(from) {
				p.ValidFrom = from
			}
			p.Later = nil
			if len(out) == 0 || !sameButDate(out[len(out)-1], p) {
				out = append(out, p)
			}
		}
	}
	if len(out) == 0 {
		return sop.Plan{}
	}
	plan := out[0]
	plan.Later = out[1:]
	if len(plan.Later) == 0 {
		plan.Later = nil
	}
	return plan
}

func sameButDate(a, b sop.Plan) bool {
	b.ValidFrom = a.ValidFrom
	return same(a, b)
}
