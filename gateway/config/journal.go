package config

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// Journal is where the journal is kept.
type Journal struct {
	// URL is empty for a file in the data folder, or names the servers of a NATS cluster,
	// joined by commas.
	URL string `yaml:"url"`
	// Area names the service area, Name this gateway among the area's.
	Area string `yaml:"area"`
	Name string `yaml:"name"`
	// Replicas of the stream.
	Replicas int `yaml:"replicas"`
	// Lease is how long the writing gateway may be silent before another takes over.
	Lease     time.Duration `yaml:"lease"`
	CredsFile string        `yaml:"creds_file"`
	CAFile    string        `yaml:"ca_file"`
}

// Servers are the cluster's.
func (j Journal) Servers() []string {
	if j.URL == "" {
		return nil
	}
	return strings.Split(j.URL, ",")
}

// Who is this gateway's name: Name, or else the machine's.
func (j Journal) Who() string {
	if j.Name != "" {
		return j.Name
	}
	host, err := os.Hostname()
	if err != nil {
		return "gateway"
	}
	return host
}

var areaName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (c *Config) checkJournal(complain func(string, ...any)) {
	j := c.Journal
	if j.URL == "" {
		if j.Area != "" || j.CredsFile != "" || j.CAFile != "" {
			complain("journal.area, creds_file and ca_file are for a journal.url", "journal")
		}
		return
	}
	for _, s := range j.Servers() {
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls":
			complain(fmt.Sprintf("journal.url: %q is not like nats://host:4222 or tls://host:4222", s), "journal", "url")
		case u.User != nil:
			complain("journal.url holds a password: put the credentials into journal.creds_file", "journal", "url")
		}
	}
	if !areaName.MatchString(j.Area) {
		complain(fmt.Sprintf("journal.area %q is not 1 to 64 letters, digits, dashes and underscores", j.Area), "journal", "area")
	}
	if j.Replicas != 1 && j.Replicas != 3 && j.Replicas != 5 {
		complain(fmt.Sprintf("journal.replicas is %d, not 1, 3 or 5", j.Replicas), "journal", "replicas")
	}
	if j.Lease < time.Second || j.Lease > time.Minute {
		complain(fmt.Sprintf("journal.lease is %v, not between 1s and 1m", j.Lease), "journal", "lease")
	}
	if c.Role == RoleEdge {
		complain("journal.url: an edge site has a journal of its own, for when the network is away", "journal", "url")
	}
}
