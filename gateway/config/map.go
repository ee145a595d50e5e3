package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// Map is what the page's map shows beside its own basemap.
type Map struct {
	// Tiles is the address of a raster tile server with {z}, {x} and {y}.
	Tiles       string `yaml:"tiles"`
	PMTilesFile string `yaml:"pmtiles_file"`
	GeoJSONFile string `yaml:"geojson_file"`
	Attribution string `yaml:"attribution"`
}

// Place is where something fixed stands, WGS 84 degrees.
type Place struct {
	Lat float64 `yaml:"lat" json:"lat"`
	Lon float64 `yaml:"lon" json:"lon"`
}

func (p *Place) sound() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 && (p.Lat != 0 || p.Lon != 0)
}

// hostName keeps what goes into the page's policy to letters that cannot end a
// directive.
var hostName = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$`)

// TilesOrigin is the tile server's origin, for the page's policy; empty without one.
func (m Map) TilesOrigin() string {
	u, err := url.Parse(m.Tiles)
	if err != nil || m.Tiles == "" || u.Scheme != "http" && u.Scheme != "https" || !hostName.MatchString(u.Host) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (c *Config) checkMap(complain func(string, ...any)) {
	if t := c.Map.Tiles; t != "" {
		if c.Map.TilesOrigin() == "" {
			complain(fmt.Sprintf("map.tiles %q is no http or https address", t), "map", "tiles")
		}
		for _, part := range []string{"{z}", "{x}", "{y}"} {
			if !strings.Contains(t, part) {
				complain(fmt.Sprintf("map.tiles %q has no %s", t, part), "map", "tiles")
			}
		}
		if c.Map.PMTilesFile != "" {
			complain("map has both tiles and pmtiles_file: one basemap is enough", "map", "pmtiles_file")
		}
	}
	if err := checkPMTiles(c.Map.PMTilesFile); err != nil {
		complain(err.Error(), "map", "pmtiles_file")
	}
	if err := checkGeoJSON(c.Map.GeoJSONFile); err != nil {
		complain(err.Error(), "map", "geojson_file")
	}
	for i, l := range c.Links {
		if l.Location != nil && !l.Location.sound() {
			complain(fmt.Sprintf("link %q: location %v, %v is no place in degrees", l.ID, l.Location.Lat, l.Location.Lon), "links", i, "location")
		}
	}
}

// checkPMTiles looks at the first bytes (PMTiles specification version 3, section 3).
func checkPMTiles(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return fmt.Errorf("cannot read map.pmtiles_file: %w", err)
	}
	defer f.Close()
	magic := make([]byte, 8)
	if _, err := io.ReadFull(f, magic); err != nil || !bytes.Equal(magic, []byte("PMTiles\x03")) {
		return fmt.Errorf("map.pmtiles_file %q is no PMTiles file of version 3", path)
	}
	return nil
}

func checkGeoJSON(path string) error {
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return fmt.Errorf("cannot read map.geojson_file: %w", err)
	}
	var collection struct {
		Type     string            `json:"type"`
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(content, &collection); err != nil {
		return fmt.Errorf("map.geojson_file %q is no GeoJSON (RFC 7946): %w", path, err)
	}
	if collection.Type != "FeatureCollection" {
		return fmt.Errorf("map.geojson_file %q is no GeoJSON feature collection (RFC 7946): its type is %q", path, collection.Type)
	}
	return nil
}
