package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"htgateway/gateway/config"
)

// Verdict is how a thing is.
type Verdict string

// From best to worst; Unknown is what could not be found out.
const (
	Good    Verdict = "good"
	Unknown Verdict = "unknown"
	Warning Verdict = "warning"
	Fault   Verdict = "fault"
)

// Words say a thing in Indonesian and in English.
type Words struct {
	Indonesian string `json:"id"`
	English    string `json:"en"`
}

// Finding is what was found out about one thing.
type Finding struct {
	// Area is what kind of thing it is: "configuration", "port", "broker", "http",
	// "users", "certificate", "secret", "disk", "journal", "store", "clock", "webhook".
	Area string `json:"area"`
	// Subject is which one: a link's id, a file, an address.
	Subject string  `json:"subject,omitzero"`
	Verdict Verdict `json:"verdict"`
	Found   Words   `json:"found"`
	// Do is what to do about it; empty where there is nothing to do.
	Do Words `json:"do,omitzero"`
}

// Site is what is looked over.
type Site struct {
	// File is the configuration's name.
	File string
	// Now is the present time; Account the user that the gateway runs as.
	Now     func() time.Time
	Account Account

	c config.Config
	// running tells whether a gateway has the journal open.
	running bool
}

// checkWithin is how long one thing may take.
const checkWithin = 10 * time.Second

// Examine looks everything over, all things at once. readable is false when the
// configuration could not be read, and nothing else was looked at.
func (s *Site) Examine(ctx context.Context) (findings []Finding, readable bool) {
	findings, readable = s.configuration()
	if !readable {
		return findings, false
	}
	s.running = s.locked()
	checks := []func(context.Context) []Finding{
		s.gateway, s.ports, s.tcpLinks, s.brokers, s.embedded, s.http, s.users, s.certificates, s.secrets,
		s.disk, s.journal, s.store, s.clock, s.webhooks,
	}
	found := make([][]Finding, len(checks))
	var all sync.WaitGroup
	for i, check := range checks {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkWithin)
			defer cancel()
			found[i] = check(ctx)
		})
	}
	all.Wait()
	for _, f := range found {
		findings = append(findings, f...)
	}
	return findings, true
}

// Worst is the worst verdict of all.
func Worst(findings []Finding) Verdict {
	order := map[Verdict]int{Good: 0, Unknown: 1, Warning: 2, Fault: 3}
	worst := Good
	for _, f := range findings {
		if order[f.Verdict] > order[worst] {
			worst = f.Verdict
		}
	}
	return worst
}

// say makes words of two formats for the same values.
func say(indonesian, english string, values ...any) Words {
	return Words{fmt.Sprintf(indonesian, values...), fmt.Sprintf(english, values...)}
}
