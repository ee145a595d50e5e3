package config

import (
	"fmt"
	"time"
)

// Retention says how long things are kept; zero is for ever.
type Retention struct {
	Fixes     time.Duration `yaml:"fixes"`
	Statuses  time.Duration `yaml:"statuses"`
	Links     time.Duration `yaml:"links"`
	ThinAfter time.Duration `yaml:"thin_after"`
	ThinTo    time.Duration `yaml:"thin_to"`
	Callers   time.Duration `yaml:"callers"`
	// JournalFixes is for the journal itself, and the updates made of it.
	JournalFixes time.Duration `yaml:"journal_fixes"`
}

// shortestKeep is the shortest time that anything may be kept: the job is daily, and
// figures of a day want its points.
const shortestKeep = 24 * time.Hour

// shortestPlaces is the shortest time that the journal must say where units were: late
// reports, corrections and mergers of the last days still find what they need.
const shortestPlaces = 7 * 24 * time.Hour

func (c *Config) checkRetention(complain func(string, ...any)) {
	r := c.Retention
	for _, s := range []struct {
		name  string
		value time.Duration
	}{{"fixes", r.Fixes}, {"statuses", r.Statuses}, {"links", r.Links}, {"thin_after", r.ThinAfter}, {"callers", r.Callers}} {
		if s.value != 0 && s.value < shortestKeep {
			complain(fmt.Sprintf("retention.%s is %v: 0s is for ever, and else at least %v", s.name, s.value, shortestKeep), "retention", s.name)
		}
	}
	if r.JournalFixes != 0 {
		switch {
		case r.JournalFixes < shortestPlaces:
			complain(fmt.Sprintf("retention.journal_fixes is %v: 0s is for ever, and else at least %v", r.JournalFixes, shortestPlaces), "retention", "journal_fixes")
		case c.Role == RoleEdge:
			complain("retention.journal_fixes: an edge site does not know which fixes the centre's incidents need", "retention", "journal_fixes")
		case r.Fixes == 0 || r.Fixes > r.JournalFixes:
			complain("retention.journal_fixes wants retention.fixes that are not longer: the series would say where the units were", "retention", "journal_fixes")
		}
	}
	if r.ThinTo < time.Second || r.ThinTo > time.Hour {
		complain(fmt.Sprintf("retention.thin_to is %v, not between 1s and 1h", r.ThinTo), "retention", "thin_to")
	}
	if r.ThinAfter != 0 && r.Fixes != 0 && r.ThinAfter >= r.Fixes {
		complain("retention.thin_after is not before retention.fixes: what is removed need not be thinned", "retention", "thin_after")
	}
	if r.ThinAfter != 0 && c.Telemetry.Store == StoreInflux {
		complain("retention.thin_after is for the SQLite series: InfluxDB thins by a task of its own", "retention", "thin_after")
	}
}
