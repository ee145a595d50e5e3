package analysis

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"htgateway/gateway/incident"
	"htgateway/gateway/sop"
	"htgateway/telemetry"
)

// Survey is what a report has of one record, made in one passage over it.
type Survey struct {
	// Figures are by the grouping that was asked for and then by each further one.
	Figures []Figures
	// Distributions and Keys are of a whole survey.
	Distributions []Distribution
	Keys          []KeyUse

	tallies []map[cell]*tally
}

// Survey groups the record by what the options say, and by more. A whole one tells
// also how the values of each interval are distributed and how the keys were used.
func (r *Record) Survey(o Options, whole bool, more ...By) (Survey, error) {
	bys := append([]By{o.By}, more...)
	for _, by := range bys {
		if by != ByNothing && !slices.Contains(Groupings(), by) {
			return Survey{}, fmt.Errorf("cannot group by %q; known: %s", by, names(Groupings()))
		}
	}
	if o.Zone == nil {
		o.Zone = WIB()
	}
	tables := bys
	if whole {
		tables = append(slices.Clone(bys), ByNothing)
	}
	counts, err := r.count(o, tables)
	if err != nil {
		return Survey{}, err
	}
	s := Survey{tallies: counts.tables[:len(bys)], Distributions: []Distribution{}, Keys: []KeyUse{}}
	if whole {
		s.Distributions, s.Keys = distributions(counts.tables[len(bys)]), counts.keys.list()
	}
	for i, by := range bys {
		s.Figures = append(s.Figures, r.figures(o, by, counts, counts.tables[i]))
	}
	return s, nil
}

// Distributions returns that of every interval with values that are counted.
func (r *Record) Distributions() ([]Distribution, error) {
	s, err := r.Survey(Options{}, true)
	return s.Distributions, err
}

// counts are what one passage gathers: a table for each grouping.
type counts struct {
	tables []map[cell]*tally
	open   int
	keys   keyUses
}

// shareSize is how many incidents at least are worth a goroutine of their own.
const shareSize = 1000

// count goes over the record once, in as many shares as there are processors.
func (r *Record) count(o Options, bys []By) (*counts, error) {
	shares := max(1, min(runtime.GOMAXPROCS(0), len(r.cases)/shareSize))
	parts := make([]*counts, shares)
	var g errgroup.Group
	for i := range parts {
		mine := r.cases[len(r.cases)*i/shares : len(r.cases)*(i+1)/shares]
		g.Go(func() (err error) {
			parts[i], err = r.countShare(o, bys, mine)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	whole := parts[0]
	for _, p := range parts[1:] {
		whole.open += p.open
		whole.keys.merge(p.keys)
		for i, table := range p.tables {
			for key, t := range table {
				if have := whole.tables[i][key]; have != nil {
					have.merge(t)
				} else {
					whole.tables[i][key] = t
				}
			}
		}
	}
	return whole, nil
}

// countShare puts every value, and every one that is missing, where it belongs.
func (r *Record) countShare(o Options, bys []By, cases []telemetry.PackedCase) (*counts, error) {
	out := &counts{tables: make([]map[cell]*tally, len(bys)), keys: keyUses{}}
	for i := range out.tables {
		out.tables[i] = map[cell]*tally{}
	}
	groups := make([]string, len(bys))
	at := func(i int, unit, agency string, interval sop.IntervalName) *tally {
		key := cell{groups[i], interval}
		switch bys[i] {
		case ByAgency:
			key.group = agency
		case ByUnit:
			key.group = unit
		}
		t := out.tables[i][key]
		if t == nil {
			t = newTally()
			out.tables[i][key] = t
		}
		return t
	}
	err := r.each(cases, func(c *call) {
		if !c.reached.has(incident.Closed) {
			out.open++
		}
		out.keys.count(c)
		for i, by := range bys {
			groups[i] = by.ofCall(c, o.Zone)
		}
		for n := range c.samples {
			s := &c.samples[n]
			why, mixed := r.judge(c, s)
			for i := range bys {
				t := at(i, s.unit, s.agency, s.interval)
				if s.corrected && why == "" {
					t.leftOut[Corrected]++
				}
				if why != "" {
					t.leftOut[why]++
				} else {
					t.add(s, mixed)
				}
			}
		}
		r.absent(c, o.Plan, func(p *part, d *definition, why Reason, since time.Time) {
			unit, agency := "", ""
			if p != nil {
				unit, agency = p.unit, p.agency
			}
			var over, limit time.Duration
			if why == StillOpen && !since.IsZero() && !o.Now.IsZero() {
				if limit = d.limit(o.Plan, c.category); limit > 0 && o.Now.Sub(since) > limit {
					over = o.Now.Sub(since)
				}
			}
			for i := range bys {
				t := at(i, unit, agency, d.Interval)
				if over > 0 {
					t.addOver(over.Seconds(), limit.Seconds())
				} else {
					t.leftOut[why]++
				}
			}
		})
	})
	return out, err
}

// figures computes the rows of one table.
func (r *Record) figures(o Options, by By, all *counts, tallies map[cell]*tally) Figures {
	f := Figures{
		From: r.From, To: r.To, By: by, Zone: o.Zone.String(), Incidents: len(r.cases), Open: all.open,
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
			for limit := range t.targets {
				readings[WholeFlowReading(limit)] = true
			}
		}
	}
	f.WholeFlowReadings = slices.Sorted(maps.Keys(readings))
	return f
}
