package analysis

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"time"

	"htgateway/telemetry/cases"

	"golang.org/x/sync/errgroup"
)

// counts are what one passage gathers: the tallies of each table.
type counts struct {
	tables []map[cell]*tally
	numbers
	keys keyUses
}

// numbers count incidents.
type numbers struct {
	incidents, open       int
	duplicates, cancelled int
}

func (n *numbers) add(o numbers) {
	n.incidents, n.open = n.incidents+o.incidents, n.open+o.open
	n.duplicates, n.cancelled = n.duplicates+o.duplicates, n.cancelled+o.cancelled
}

// seq is packed cases one after another, each good until the next one.
type seq = iter.Seq[cases.Packed]

// count goes over incidents once, with a counter for each processor, while they are
// read.
func count(ctx context.Context, scope Scope, cases seq, o Options, tables []Table, whole bool) (*counts, error) {
	g, ctx := errgroup.WithContext(ctx)
	filled, free := make(chan *pile), make(chan *pile, runtime.GOMAXPROCS(0)+1)
	for range cap(free) {
		free <- new(pile)
	}
	g.Go(func() error {
		defer close(filled)
		return heap(ctx, cases, filled, free)
	})
	counters := make([]*counter, runtime.GOMAXPROCS(0))
	for i := range counters {
		counters[i] = newCounter(scope, o, tables, whole)
		g.Go(func() error {
			for p := range filled {
				for n := range p.ends {
					if err := counters[i].take(p.at(n)); err != nil {
						return err
					}
				}
				p.clear()
				free <- p // has room for all there are
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return together(counters, len(tables)), nil
}

// pile is some cases one behind the other.
type pile struct {
	bytes []byte
	ends  []int
}

// pileSize is about how many bytes are worth handing over at once.
const pileSize = 64 << 10

func (p *pile) add(c cases.Packed) {
	p.bytes = append(p.bytes, c...)
	p.ends = append(p.ends, len(p.bytes))
}

func (p *pile) at(n int) cases.Packed {
	from := 0
	if n > 0 {
		from = p.ends[n-1]
	}
	return p.bytes[from:p.ends[n]:p.ends[n]]
}

func (p *pile) clear() { p.bytes, p.ends = p.bytes[:0], p.ends[:0] }

// heap fills piles with cases.
func heap(ctx context.Context, cases seq, filled chan<- *pile, free <-chan *pile) error {
	p := <-free
	hand := func() bool {
		select {
		case filled <- p:
		case <-ctx.Done():
			return false
		}
		select {
		case p = <-free:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for c := range cases {
		if p.add(c); len(p.bytes) >= pileSize && !hand() {
			return ctx.Err()
		}
	}
	if len(p.ends) > 0 {
		hand()
	}
	return ctx.Err()
}

// together adds up what counters have.
func together(counters []*counter, tables int) *counts {
	whole := &counts{keys: keyUses{}}
	for i := range tables {
		table := map[cell]*tally{}
		for _, c := range counters {
			c.tables[i].merge(table)
		}
		whole.tables = append(whole.tables, table)
	}
	for _, c := range counters {
		whole.add(c.numbers)
		whole.keys.merge(c.keys)
	}
	return whole
}

// counter puts every value, and every one that is missing, where it belongs.
type counter struct {
	unpacking
	numbers
	o      Options
	tables []*grouped
	keys   keyUses                      // nil when they are not asked for
	limits map[judgedBy][]time.Duration // in order of the definitions
	others []string                     // intervals that are not defined; places follow those that are
}

// judgedBy is by what limits an incident is judged: those of its category in the plan of
// its call.
type judgedBy struct {
	category  string
	validFrom int64
}

func newCounter(scope Scope, o Options, tables []Table, whole bool) *counter {
	c := &counter{unpacking: unpacking{scope: scope}, o: o, limits: map[judgedBy][]time.Duration{}}
	for _, t := range tables {
		c.tables = append(c.tables, newGrouped(t, o.Zone))
	}
	if whole {
		c.keys = keyUses{}
	}
	return c
}

// take counts one incident.
func (k *counter) take(packed cases.Packed) error {
	c, err := k.call(packed)
	if err != nil || c == nil {
		return err
	}
	switch {
	case c.reached.has(stageMerged):
		k.duplicates++
		return nil
	case c.reached.has(stageCancelled):
		k.cancelled++
		return nil
	}
	k.incidents++
	if !c.reached.has(stageClosed) {
		k.open++
	}
	if k.keys != nil {
		k.keys.count(c)
	}
	for _, t := range k.tables {
		t.begin(c)
	}
	for i := range c.samples {
		k.sample(c, &c.samples[i])
	}
	limits := k.limitsOf(c)
	c.absent(limits, func(p *part, interval int, why Reason, since time.Time) {
		k.absent(p, interval, why, since, limits[interval])
	})
	return nil
}

// limitsOf are the limits by which an incident is judged, in order of the definitions.
func (k *counter) limitsOf(c *call) []time.Duration {
	plan := k.o.Plan
	if len(plan.Later) > 0 {
		plan = plan.At(c.at)
	}
	by := judgedBy{category: c.category}
	if !plan.ValidFrom.IsZero() {
		by.validFrom = plan.ValidFrom.UnixNano()
	}
	limits, known := k.limits[by]
	if !known {
		for _, d := range definitions {
			limits = append(limits, d.limit(plan, c.category))
		}
		k.limits[by] = limits
	}
	return limits
}

func (k *counter) sample(c *call, s *cases.Interval) {
	why, mixed := c.judge(s)
	interval := definedAt(s)
	if interval < 0 {
		interval = k.other(s.Name)
	}
	for _, table := range k.tables {
		t := table.tally(s.Team, interval, s.Name)
		switch {
		case t == nil:
			continue
		case why != "":
			t.leftOut[why.place()]++
			continue
		case s.Corrected:
			t.leftOut[Corrected.place()]++
		}
		t.add(s, mixed)
	}
}

// other is the place of an interval that is not defined.
func (k *counter) other(name string) int {
	at := slices.Index(k.others, name)
	if at < 0 {
		at = len(k.others)
		k.others = append(k.others, name)
	}
	return len(definitions) + at
}

// absent counts an interval that was not measured; p is nil for what belongs to no unit.
func (k *counter) absent(p *part, interval int, why Reason, since time.Time, limit time.Duration) {
	team := -1
	if p != nil {
		team = p.named
	}
	var over time.Duration
	if why == StillOpen && !since.IsZero() && !k.o.Now.IsZero() && limit > 0 && k.o.Now.Sub(since) > limit {
		over = k.o.Now.Sub(since)
	}
	for _, table := range k.tables {
		t := table.tally(team, interval, string(definitions[interval].Interval))
		switch {
		case t == nil:
		case over > 0:
			t.addOver(over, limit)
		default:
			t.leftOut[why.place()]++
		}
	}
}
