package config

import (
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"htgateway/configs"
	"htgateway/devices"
	"htgateway/gateway/incident"
	"htgateway/gateway/incident/sop"
)

// LoadUnits reads a units file. Ids and devices must be unique: a device that
// spoke for two units would set the wrong one's arrival.
func LoadUnits(path string) ([]incident.Unit, error) {
	file, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return nil, fmt.Errorf("cannot read the units: %w", err)
	}
	var doc struct {
		Units []struct {
			ID       string             `yaml:"id"`
			CallSign string             `yaml:"call_sign"`
			Agency   string             `yaml:"agency"`
			Devices  []devices.Identity `yaml:"devices"`
		} `yaml:"units"`
	}
	problems := strict(path, file, &doc)
	owners := map[devices.Identity]string{}
	ids := map[string]bool{}
	var units []incident.Unit
	for i, u := range doc.Units {
		complain := func(message string) {
			problems = append(problems, Problem{File: path, Line: lineOf(file, "units", i), Message: message})
		}
		if u.ID == "" || u.CallSign == "" {
			complain("a unit needs id and call_sign")
		}
		if strings.ContainsAny(u.ID, "/+#?% ") || strings.ContainsFunc(u.ID, unicode.IsControl) {
			complain(fmt.Sprintf("unit id %q stands in topics and addresses: no / + # ? %%, blanks and control characters", u.ID))
		}
		if ids[u.ID] {
			complain(fmt.Sprintf("unit %q is there twice", u.ID))
		}
		ids[u.ID] = true
		for _, d := range u.Devices {
			if d.Family() == string(d) || d.Family() == "" {
				complain(fmt.Sprintf("device %q of %q has no family before a colon", d, u.ID))
			}
			if other, taken := owners[d]; taken {
				complain(fmt.Sprintf("device %q belongs to %q and to %q", d, other, u.ID))
			}
			owners[d] = u.ID
		}
		units = append(units, incident.Unit{ID: u.ID, CallSign: u.CallSign, Agency: u.Agency, Devices: u.Devices})
	}
	if len(problems) > 0 {
		return nil, &ProblemsError{problems}
	}
	return units, nil
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
		Clocks         map[sop.ClockName]time.Duration    `yaml:"clocks"`
		Reading        string                             `yaml:"whole_flow_reading"`
		WarnAt         float64                            `yaml:"warn_at"`
		Targets        map[sop.IntervalName]time.Duration `yaml:"targets"`
		CategoryLimits []struct {
			Category string        `yaml:"category"`
			Clock    sop.ClockName `yaml:"clock"`
			Limit    time.Duration `yaml:"limit"`
		} `yaml:"category_limits"`
	}
	problems := strict(path, file, &doc)
	complain := func(message string, way ...any) {
		problems = append(problems, Problem{File: path, Line: lineOf(file, way...), Message: message})
	}
	plan := sop.Plan{Limits: doc.Clocks, Targets: doc.Targets, WarnAt: doc.WarnAt, WholeFlowReading: doc.Reading}
	for i, c := range doc.Categories {
		if c.Key == "" || plan.Knows(c.Key) {
			complain(fmt.Sprintf("category %q is empty or there twice", c.Key), "categories", i)
		}
		plan.Categories = append(plan.Categories, sop.Category{Key: c.Key, Indonesian: c.ID, English: c.EN})
	}
	known := sop.DefaultPlan().Limits
	for name, limit := range doc.Clocks {
		if _, is := known[name]; !is {
			complain(fmt.Sprintf("unknown clock %q", name), "clocks", string(name))
		}
		if limit < 0 {
			complain(fmt.Sprintf("clock %q has a negative limit", name), "clocks", string(name))
		}
	}
	if !(doc.WarnAt >= 0 && doc.WarnAt <= 1) {
		complain(fmt.Sprintf("warn_at is %v, not between 0 and 1", doc.WarnAt), "warn_at")
	}
	for i, l := range doc.CategoryLimits {
		if _, is := known[l.Clock]; !is || !plan.Knows(l.Category) {
			complain(fmt.Sprintf("unknown category %q or clock %q", l.Category, l.Clock), "category_limits", i)
			continue
		}
		if l.Limit < 0 {
			complain(fmt.Sprintf("clock %q of category %q has a negative limit", l.Clock, l.Category), "category_limits", i)
		}
		if plan.CategoryLimits == nil {
			plan.CategoryLimits = map[string]map[sop.ClockName]time.Duration{}
		}
		if plan.CategoryLimits[l.Category] == nil {
			plan.CategoryLimits[l.Category] = map[sop.ClockName]time.Duration{}
		}
		plan.CategoryLimits[l.Category][l.Clock] = l.Limit
	}
	if len(problems) > 0 {
		return sop.Plan{}, &ProblemsError{problems}
	}
	return plan, nil
}
