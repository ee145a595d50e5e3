package analysis

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident/sop"
	"htgateway/geo"
	"htgateway/telemetry"
	"htgateway/telemetry/cases"
)

// Survey is what a report has of one period, made in one passage over it.
type Survey struct {
	// Figures are by the grouping that was asked for and then those of each further
	// table.
	Figures []Figures
	// Distributions and Keys are of a whole survey.
	Distributions []Distribution
	Keys          []KeyUse

	scope   Scope
	by      By
	tallies map[cell]*tally // of the first figures
}

// Table is a further grouping of a survey.
type Table struct {
	By By
	// Interval is the only one of it; empty for all.
	Interval sop.IntervalName
}

// Survey groups the record by what the options say, and by more. A whole one tells
// also how the values of each interval are distributed and how the keys were used.
func (r *Record) Survey(o Options, whole bool, more ...Table) (Survey, error) {
	return survey(context.Background(), r.Scope, slices.Values(r.cases), o, whole, more)
}

// ReadSurvey makes the survey of a scope while its incidents are read, which takes no
// memory for them.
func ReadSurvey(ctx context.Context, source telemetry.Source, s Scope, o Options, whole bool, more ...Table) (Survey, error) {
	var failed error
	out, err := survey(ctx, s, func(yield func(cases.Packed) bool) {
		for packed, err := range cases.Read(ctx, source, cases.Query{From: s.From, To: s.To, Incident: s.Incident}) {
			if err != nil {
				failed = fmt.Errorf("cannot read the incidents: %w", err)
				return
			}
			if !yield(packed) {
				return
			}
		}
	}, o, whole, more)
	if failed != nil {
		err = failed
	}
	return out, err
}

func survey(ctx context.Context, scope Scope, cases seq, o Options, whole bool, more []Table) (Survey, error) {
	tables := append([]Table{{By: o.By}}, more...)
	for _, t := range tables {
		if t.By != ByNothing && !slices.Contains(Groupings(), t.By) {
			return Survey{}, fmt.Errorf("cannot group by %q; known: %s", t.By, names(Groupings()))
		}
	}
	if o.Zone == nil {
		o.Zone = geo.WIB()
	}
	// One that is asked for twice is counted once.
	var counted []Table
	for _, t := range tables {
		if !slices.Contains(counted, t) {
			counted = append(counted, t)
		}
	}
	all, err := count(ctx, scope, cases, o, counted, whole)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{scope: scope, by: o.By, tallies: all.tables[0], Distributions: []Distribution{}, Keys: []KeyUse{}}
	if whole {
		s.Distributions, s.Keys = distributions(all.tables[0]), all.keys.list()
	}
	made := make([]Figures, len(counted))
	for i, t := range counted {
		made[i] = tabulate(scope, o, t.By, all, all.tables[i])
	}
	for _, t := range tables {
		s.Figures = append(s.Figures, made[slices.Index(counted, t)])
	}
	return s, nil
}

// Distributions returns that of every interval with values that are counted.
func (r *Record) Distributions() ([]Distribution, error) {
	s, err := r.Survey(Options{}, true)
	return s.Distributions, err
}

// tabulate computes the rows of one table.
func tabulate(scope Scope, o Options, by By, all *counts, tallies map[cell]*tally) Figures {
	f := Figures{
		From: scope.From, To: scope.To, By: by, Zone: o.Zone.String(), Incidents: all.incidents, Open: all.open, Duplicates: all.duplicates, Cancelled: all.cancelled,
		MedianMethod: MedianMethod, PercentileMethod: PercentileMethod, OpenMethod: OpenMethod, Definitions: Definitions(),
	}
	keys := slices.SortedFunc(maps.Keys(tallies), inReport(by))
	f.Rows = make([]Row, len(keys))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, key := range keys {
		g.Go(func() error {
			f.Rows[i] = tallies[key].row(key)
			return nil
		})
	}
	_ = g.Wait() // none of them fails
	readings := map[string]bool{}
	for key, t := range tallies {
		if key.interval == sop.IntervalName(sop.WholeFlow) {
			for _, limit := range t.targets {
				readings[WholeFlowReading(seconds(limit))] = true
			}
		}
	}
	f.WholeFlowReadings = slices.Sorted(maps.Keys(readings))
	return f
}
