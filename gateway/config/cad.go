package config

import (
	"fmt"
	"time"
)

// CAD is how call-taking software that can only write files hands over incidents.
type CAD struct {
	Folder string        `yaml:"folder"`
	Poll   time.Duration `yaml:"poll"`
	Settle time.Duration `yaml:"settle"`
}

func (c *Config) checkCAD(complain func(string, ...any)) {
	if c.CAD.Folder == "" {
		return
	}
	if p := c.CAD.Poll; p < 100*time.Millisecond || p > time.Hour {
		complain(fmt.Sprintf("cad.poll is %v, not between 100ms and 1h", p), "cad", "poll")
	}
	if s := c.CAD.Settle; s < 0 || s > time.Hour {
		complain(fmt.Sprintf("cad.settle is %v, not between 0 and 1h", s), "cad", "settle")
	}
}
