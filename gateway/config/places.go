package config

import (
	"bytes"
	"fmt"
	"os"

	"htgateway/configs"
	"htgateway/geo/places"
)

// Gazetteer reads the county's places, those of PlacesFile or else the built-in ones.
func (c *Config) Gazetteer() (*places.Gazetteer, error) {
	table := configs.Places
	if c.Places != "" {
		var err error
		if table, err = os.ReadFile(c.Places); err != nil {
			return nil, fmt.Errorf("cannot read the places: %w", err)
		}
	}
	gazetteer, err := places.Load(bytes.NewReader(table))
	if err != nil {
		return nil, fmt.Errorf("cannot read places_file %q: %w", c.Places, err)
	}
	return gazetteer.Of(c.County), nil
}

// checkPlaces tells whether a places file can be read.
func checkPlaces(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return fmt.Errorf("cannot read the places: %w", err)
	}
	defer f.Close()
	_, err = places.Load(f)
	return err
}
