package config

import (
	"fmt"
	"strings"

	"htgateway/gateway/journal"
)

// Alarms is what happens beside the display when a clock of the procedure warns
// or breaches.
type Alarms struct {
	Radio     string `yaml:"radio"`
	RadioText string `yaml:"radio_text"`
}

func (c *Config) checkAlarms(complain func(string, ...any)) {
	switch c.Alarms.Radio {
	case "", journal.AlarmWarning, journal.AlarmBreach:
	default:
		complain(fmt.Sprintf("alarms.radio is %q, not warning, breach or empty", c.Alarms.Radio), "alarms", "radio")
	}
	if c.Alarms.Radio != "" && strings.TrimSpace(c.Alarms.RadioText) == "" {
		complain("alarms.radio_text is empty", "alarms", "radio_text")
	}
}
