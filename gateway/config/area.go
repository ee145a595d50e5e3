package config

import "strings"

// ServiceArea is the name of the service area, which every point of the series carries:
// journal.area, or else the county's short name, such as majalengka. A city keeps its
// "kota", because counties of the same name have another series.
func (c *Config) ServiceArea() string {
	if c.Journal.Area != "" {
		return c.Journal.Area
	}
	words := strings.Fields(strings.ToLower(c.County))
	if len(words) > 1 && (words[0] == "kabupaten" || words[0] == "kab." || words[0] == "kab") {
		words = words[1:]
	}
	return strings.Join(words, "-")
}
