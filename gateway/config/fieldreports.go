package config

import (
	"fmt"
	"net/url"
)

// DeviceReports is how devices may send by HTTP, each with its own token.
type DeviceReports struct {
	PerSecond float64 `yaml:"per_second"`
	Burst     int     `yaml:"burst"`
}

func (c *Config) checkDeviceReports(complain func(string, ...any)) {
	if r := c.DeviceReports.PerSecond; !(r >= 0.1 && r <= 1000) {
		complain(fmt.Sprintf("device_reports.per_second is %v, not between 0.1 and 1000", r), "device_reports", "per_second")
	}
	if b := c.DeviceReports.Burst; b < 1 || b > 100_000 {
		complain(fmt.Sprintf("device_reports.burst is %d, not between 1 and 100000", b), "device_reports", "burst")
	}
	if c.HTTP.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.HTTP.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" {
		complain(fmt.Sprintf("http.public_url %q is not http(s)://host[:port]", c.HTTP.PublicURL), "http", "public_url")
	}
}
