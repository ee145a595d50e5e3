package config_test

import (
	"strings"
	"testing"

	"htgateway/gateway/config"
)

func TestMap(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	write(t, dir, "roads.geojson", `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[108.2,-6.8]}}]}`)
	write(t, dir, "word.geojson", `jalan`)
	write(t, dir, "county.pmtiles", "PMTiles\x03 and so on")
	links := "links:\n  - {id: roof, kind: serial, protocol: kenwood, device: /dev/x, location: {lat: %LAT%, lon: 108.2}}\n"
	for _, c := range []struct{ name, text, want string }{
		{"tiles", "map: {tiles: \"https://tiles.example:8443/a/{z}/{x}/{y}.png\", geojson_file: roads.geojson}\n" + strings.ReplaceAll(links, "%LAT%", "-6.8"), ""},
		{"pmtiles", "map: {pmtiles_file: county.pmtiles}\n", ""},
		{"no numbers", "map:\n  tiles: https://tiles.example/{z}/{x}\n", ":3: map.tiles"},
		{"a policy of its own", "map:\n  tiles: \"https://a;script-src */{z}/{x}/{y}\"\n", ":3: map.tiles"},
		{"no file", "map:\n  attribution: x\n  geojson_file: none.geojson\n", ":4: cannot read map.geojson_file"},
		{"no GeoJSON", "map:\n  geojson_file: word.geojson\n", ":3: map.geojson_file"},
		{"no PMTiles", "map:\n  pmtiles_file: roads.geojson\n", ":3: map.pmtiles_file"},
		{"no place", strings.ReplaceAll(links, "%LAT%", "-96.8"), ":3: link \"roof\": location"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.Load(write(t, dir, "htgateway.yaml", "units_file: units.yaml\n"+c.text))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("%v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "tiles" && (got.Map.TilesOrigin() != "https://tiles.example:8443" || got.Links[0].Location.Lat != -6.8) {
				t.Errorf("%q, %+v", got.Map.TilesOrigin(), got.Links[0].Location)
			}
		})
	}
}
