package config

// Office is the heading of printed records and who signs them.
type Office struct {
	Name      string `yaml:"name"`
	Service   string `yaml:"service"`
	Address   string `yaml:"address"`
	City      string `yaml:"city"`
	Signatory string `yaml:"signatory"`
	Position  string `yaml:"position"`
}
