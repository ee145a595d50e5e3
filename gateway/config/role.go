package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"htgateway/devices/account"
)

// The roles of a gateway.
const (
	// RoleCentre is where incidents are: the tracker, the dispatchers.
	RoleCentre = "centre"
	// RoleEdge hears and journals at a remote site, and delivers to the centre.
	RoleEdge = "edge"
)

// Edge is the way from an edge site to the centre.
type Edge struct {
	// Site is the user name, of role edge, under which the centre knows the site.
	Site         string   `yaml:"site"`
	PasswordFile string   `yaml:"password_file"`
	Centres      []string `yaml:"centres"`
	CAFile       string   `yaml:"ca_file"`
	// BacklogPerSecond is how many entries that waited are sent a second at most.
	BacklogPerSecond int `yaml:"backlog_per_second"`
	// Password is read from PasswordFile.
	Password Secret `yaml:"-"`
}

// AtEdge tells whether this is the gateway of an edge site.
func (c *Config) AtEdge() bool { return c.Role == RoleEdge }

// Elsewhere is where acts are made, empty where they are made here.
func (c *Config) Elsewhere() string {
	if !c.AtEdge() {
		return ""
	}
	return strings.Join(c.Edge.Centres, ", ")
}

// Sites are the edge sites that may deliver to this gateway, by name.
func (c *Config) Sites() []string {
	var out []string
	for name, u := range c.MQTT.Embedded.Users {
		if u.Role == account.Edge {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (c *Config) checkRole(complain func(string, ...any)) {
	switch c.Role {
	case RoleCentre:
		if c.Edge.Site != "" {
			complain("edge.site is set, but the role is centre", "edge", "site")
		}
		return
	case RoleEdge:
	default:
		complain(fmt.Sprintf("role is %q, not centre or edge", c.Role), "role")
		return
	}
	e := c.Edge
	if err := account.CheckName(e.Site); err != nil {
		complain(fmt.Sprintf("edge.site: %v", err), "edge", "site")
	}
	if e.PasswordFile == "" {
		complain("edge.password_file is missing: the centre asks for the site's password", "edge")
	}
	if len(e.Centres) == 0 {
		complain("edge.centres is empty: where is the centre?", "edge", "centres")
	}
	for i, centre := range e.Centres {
		u, err := url.Parse(centre)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil:
			complain(fmt.Sprintf("edge.centres: %q is not like https://centre.example:8112", centre), "edge", "centres", i)
		case u.Scheme == "http" && !isLoopback(u.Hostname()):
			complain(fmt.Sprintf("edge.centres: %q would send the password in the clear; only https, or http on this machine", centre), "edge", "centres", i)
		}
	}
	if n := e.BacklogPerSecond; n < 1 || n > 100_000 {
		complain(fmt.Sprintf("edge.backlog_per_second is %d, not between 1 and 100000", n), "edge", "backlog_per_second")
	}
	for name, set := range map[string]bool{"webhooks": len(c.Webhooks) > 0, "cad": c.CAD.Folder != "", "cot": len(c.CoT.Outputs) > 0} {
		if set {
			complain(name+" belongs to the centre: at an edge site there are no incidents", name)
		}
	}
}
