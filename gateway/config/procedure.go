package config

import (
	"fmt"
	"maps"
	"os"
	"time"

	"htgateway/configs"
	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// limits are what a procedure's file says of the time from a date on.
type limits struct {
	ValidFrom      string                             `yaml:"valid_from"`
	Clocks         map[sop.ClockName]time.Duration    `yaml:"clocks"`
	Reading        string                             `yaml:"whole_flow_reading"`
	WarnAt         *float64                           `yaml:"warn_at"`
	Targets        map[sop.IntervalName]time.Duration `yaml:"targets"`
	CategoryLimits []struct {
		Category string        `yaml:"category"`
		Clock    sop.ClockName `yaml:"clock"`
		Limit    time.Duration `yaml:"limit"`
	} `yaml:"category_limits"`
}

// LoadPlan reads a procedure; an empty path gives the built-in one.
func LoadPlan(path string) (sop.Plan, error) {
	file := configs.SOP
	if path != "" {
		var err error
		if file, err = os.ReadFile(path); err != nil { // #nosec G304 -- a file that the configuration names
			return sop.Plan{}, fmt.Errorf("cannot read the procedure: %w", err)
		}
	}
	var doc struct {
		Categories []struct {
			Key string `yaml:"key"`
			ID  string `yaml:"id"`
			EN  string `yaml:"en"`
		} `yaml:"categories"`
		limits  `yaml:",inline"`
		Changes []limits `yaml:"changes"`
	}
	r := planReading{problems: strict(path, file, &doc), path: path, file: file}
	var plan sop.Plan
	for i, c := range doc.Categories {
		if c.Key == "" || plan.Knows(c.Key) {
			r.complain(fmt.Sprintf("category %q is empty or there twice", c.Key), "categories", i)
		}
		plan.Categories = append(plan.Categories, sop.Category{Key: c.Key, Indonesian: c.ID, English: c.EN})
	}
	first := r.limits(plan, doc.limits)
	before := first
	for i, l := range doc.Changes {
		later := r.limits(before, l, "changes", i)
		if !later.ValidFrom.After(before.ValidFrom) {
			r.complain("a change needs valid_from, later than that of the one before it", "changes", i)
		}
		first.Later = append(first.Later, later)
		before = later
	}
	if len(r.problems) > 0 {
		return sop.Plan{}, &ProblemsError{r.problems}
	}
	return first, nil
}

// planReading gathers what is wrong with a procedure's file.
type planReading struct {
	problems []Problem
	path     string
	file     []byte
}

func (r *planReading) complain(message string, way ...any) {
	r.problems = append(r.problems, Problem{File: r.path, Line: lineOf(r.file, way...), Message: message})
}

// limits are those of before with what a part of the file, which stands at a place of it,
// says else.
func (r *planReading) limits(before sop.Plan, l limits, at ...any) sop.Plan {
	place := func(way ...any) []any { return append(append([]any{}, at...), way...) }
	plan := sop.Plan{
		Categories: before.Categories, Limits: overlaid(before.Limits, l.Clocks), Targets: overlaid(before.Targets, l.Targets),
		WarnAt: before.WarnAt, WholeFlowReading: before.WholeFlowReading, CategoryLimits: maps.Clone(before.CategoryLimits),
	}
	if l.ValidFrom != "" {
		var err error
		if plan.ValidFrom, err = validFrom(l.ValidFrom); err != nil {
			r.complain(fmt.Sprintf("valid_from is %q, neither a date (2027-01-01) nor a time (2027-01-01T00:00:00+07:00)", l.ValidFrom), place("valid_from")...)
		}
	}
	if l.Reading != "" {
		plan.WholeFlowReading = l.Reading
	}
	known := sop.DefaultPlan().Limits
	for name, limit := range l.Clocks {
		if _, is := known[name]; !is {
			r.complain(fmt.Sprintf("unknown clock %q", name), place("clocks", string(name))...)
		}
		if limit < 0 {
			r.complain(fmt.Sprintf("clock %q has a negative limit", name), place("clocks", string(name))...)
		}
	}
	if l.WarnAt != nil {
		if plan.WarnAt = *l.WarnAt; !(plan.WarnAt >= 0 && plan.WarnAt <= 1) {
			r.complain(fmt.Sprintf("warn_at is %v, not between 0 and 1", plan.WarnAt), place("warn_at")...)
		}
	}
	for i, c := range l.CategoryLimits {
		if _, is := known[c.Clock]; !is || !plan.Knows(c.Category) {
			r.complain(fmt.Sprintf("unknown category %q or clock %q", c.Category, c.Clock), place("category_limits", i)...)
			continue
		}
		if c.Limit < 0 {
			r.complain(fmt.Sprintf("clock %q of category %q has a negative limit", c.Clock, c.Category), place("category_limits", i)...)
		}
		if plan.CategoryLimits == nil {
			plan.CategoryLimits = map[string]map[sop.ClockName]time.Duration{}
		}
		plan.CategoryLimits[c.Category] = overlaid(plan.CategoryLimits[c.Category], map[sop.ClockName]time.Duration{c.Clock: c.Limit})
	}
	return plan
}

// overlaid is a copy of what was, with what is said else; nil when neither says anything.
func overlaid[K comparable](was, is map[K]time.Duration) map[K]time.Duration {
	if was == nil {
		return maps.Clone(is)
	}
	out := maps.Clone(was)
	maps.Copy(out, is)
	return out
}

// validFrom reads a date, which begins at midnight WIB, or a time.
func validFrom(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, geo.WIB()); err == nil {
		return day.UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err
}
