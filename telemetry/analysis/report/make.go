package report

import (
	"context"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/geo/places"
	"htgateway/telemetry"
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
	// Whole asks for keys and distributions, which table and CSV do not show.
	Whole bool
	// Charts asks for what the HTML report draws.
	Charts bool
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
func Make(ctx context.Context, source telemetry.Source, ask Ask) (Report, error) {
	if err := ask.Check(); err != nil {
		return Report{}, err
	}
	// One passage for the table and for what the charts show.
	var more []analysis.Table
	if ask.Charts {
		more = []analysis.Table{{By: analysis.ByWeek, Interval: sop.Response}, {By: analysis.ByCategory}, {By: analysis.ByDistrict, Interval: sop.Response}}
	}
	s, err := analysis.ReadSurvey(ctx, source, ask.Scope, ask.Options, ask.Whole || ask.Charts, more...)
	if err != nil {
		return Report{}, err
	}
	r := Report{Figures: s.Figures[0], KeyMethod: analysis.KeyMethod, Distributions: s.Distributions, Keys: s.Keys}
	if !ask.OtherFrom.IsZero() || !ask.OtherTo.IsZero() {
		if r.Comparison, err = compared(ctx, source, s, ask); err != nil {
			return Report{}, err
		}
	}
	if ask.Charts {
		r.Charts = &Charts{Weekly: s.Figures[1], Categories: s.Figures[2], Districts: s.Figures[3]}
		for _, v := range ask.Villages {
			r.Charts.Spots = append(r.Charts.Spots, Spot{District: v.District, Point: v.Point})
		}
	}
	return r, nil
}

// compared reads the other period and sets it beside this one.
func compared(ctx context.Context, source telemetry.Source, s analysis.Survey, ask Ask) (*analysis.Comparison, error) {
	other, err := analysis.ReadSurvey(ctx, source, ask.other(), ask.Options, false)
	if err != nil {
		return nil, err
	}
	c, err := s.Compare(other)
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
	return analysis.CheckPeriods(a.Options.By, a.Scope, a.other())
}
