package config

import (
	"fmt"
	"os"

	"htgateway/geo/places"
)

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
