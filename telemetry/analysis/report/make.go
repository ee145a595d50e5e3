package report

import (
	"context"
	"time"

	"htgateway/geo/places"
	"htgateway/telemetry/analysis"
)

// Ask says what a report is about.
type Ask struct {
	// Scope selects the incidents, Options how their figures are made.
	Scope   analysis.Scope
	Options analysis.Options
	// OtherFrom and OtherTo bound the period that it is compared with; both zero for
	// none. Everything else of the scope is the same in both.
	OtherFrom, OtherTo time.Time
	// Villages are the dots of the map of slow districts; without them there is none.
	Villages []places.Place
}

// Report is what [Write] writes: the figures of a period, how the keys were used in
// it, and how the values are distributed.
type Report struct {
	analysis.Figures
	Keys          []analysis.KeyUse       `json:"keys"`
	KeyMethod     string                  `json:"key_method"`
	Distributions []analysis.Distribution `json:"distributions"`
	// Comparison sets another period beside this one; nil for none.
	Comparison *analysis.Comparison `json:"comparison,omitempty"`
	// Charts are drawn by the HTML report; nil leaves them out.
	Charts *Charts `json:"-"`
}

// Make reads a period from the series and makes its report.
func Make(ctx context.Context, source analysis.Source, ask Ask) (Report, error) {
	if err := ask.Check(); err != nil {
		return Report{}, err
	}
	record, err := analysis.Read(ctx, source, ask.Scope)
	if err != nil {
		return Report{}, err
	}
	r := Report{Keys: record.KeyDiscipline(), KeyMethod: analysis.KeyMethod, Distributions: record.Distributions()}
	if r.Figures, err = record.Figures(ask.Options); err != nil {
		return Report{}, err
	}
	if !ask.OtherFrom.IsZero() || !ask.OtherTo.IsZero() {
		if r.Comparison, err = compared(ctx, source, record, ask); err != nil {
			return Report{}, err
		}
	}
	if r.Charts, err = chartsOf(record, ask); err != nil {
		return Report{}, err
	}
	return r, nil
}

// compared reads the other period and sets it beside this one.
func compared(ctx context.Context, source analysis.Source, record *analysis.Record, ask Ask) (*analysis.Comparison, error) {
	other, err := analysis.Read(ctx, source, ask.other())
	if err != nil {
		return nil, err
	}
	c, err := record.Compare(other, ask.Options)
	return &c, err
}

// other is the scope of the period that it is compared with.
func (a Ask) other() analysis.Scope {
	s := a.Scope
	s.From, s.To = a.OtherFrom, a.OtherTo
	return s
}

// Check tells what is wrong with an ask, before anything is read.
func (a Ask) Check() error {
	if _, err := analysis.NewRecord(a.Scope).Figures(a.Options); err != nil {
		return err
	}
	if a.OtherFrom.IsZero() && a.OtherTo.IsZero() {
		return nil
	}
	_, err := analysis.NewRecord(a.Scope).Compare(analysis.NewRecord(a.other()), a.Options)
	return err
}

// chartsOf gathers what the HTML report draws, from the record that its table is of.
func chartsOf(record *analysis.Record, ask Ask) (*Charts, error) {
	c := &Charts{}
	for by, into := range map[analysis.By]*analysis.Figures{
		analysis.ByWeek: &c.Weekly, analysis.ByCategory: &c.Categories, analysis.ByDistrict: &c.Districts,
	} {
		o := ask.Options
		o.By = by
		var err error
		if *into, err = record.Figures(o); err != nil {
			return nil, err
		}
	}
	for _, v := range ask.Villages {
		c.Spots = append(c.Spots, Spot{District: v.District, Point: v.Point})
	}
	return c, nil
}
