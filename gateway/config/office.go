package config

import "htgateway/gateway/history/record"

// Office is the heading of printed records and who signs them.
type Office struct {
	Name      string `yaml:"name"`
	Service   string `yaml:"service"`
	Address   string `yaml:"address"`
	City      string `yaml:"city"`
	Signatory string `yaml:"signatory"`
	Position  string `yaml:"position"`
}

// Letterhead is the heading of printed records.
func (c *Config) Letterhead() record.Office {
	o := c.Office
	return record.Office{
		County: c.County, Name: o.Name, Service: o.Service, Address: o.Address,
		City: o.City, Signatory: o.Signatory, Position: o.Position,
	}
}
