package config

import (
	"fmt"
	"net"
	"regexp"
	"time"
)

// CoT is Cursor on Target output.
type CoT struct {
	Outputs []struct {
		Network string `yaml:"network"`
		Address string `yaml:"address"`
	} `yaml:"outputs"`
	Stale    time.Duration `yaml:"stale"`
	UnitType string        `yaml:"unit_type"`
}

// cotType is a type of the Cursor on Target tree, such as a-f-G-U-C.
var cotType = regexp.MustCompile(`^a(-[A-Za-z0-9]+)+$`)

func (c *Config) checkCoT(complain func(string, ...any)) {
	for i, o := range c.CoT.Outputs {
		if o.Network != "udp" && o.Network != "tcp" {
			complain(fmt.Sprintf("cot output: network %q is not udp or tcp", o.Network), "cot", "outputs", i, "network")
		}
		if host, port, err := net.SplitHostPort(o.Address); err != nil || host == "" || port == "" {
			complain(fmt.Sprintf("cot output: address %q is not host:port", o.Address), "cot", "outputs", i, "address")
		}
	}
	if len(c.CoT.Outputs) == 0 {
		return
	}
	if s := c.CoT.Stale; s < 10*time.Second || s > 24*time.Hour {
		complain(fmt.Sprintf("cot.stale is %v, not between 10s and 24h", s), "cot", "stale")
	}
	if !cotType.MatchString(c.CoT.UnitType) {
		complain(fmt.Sprintf("cot.unit_type %q is not a type such as a-f-G-U-C", c.CoT.UnitType), "cot", "unit_type")
	}
}
