package api

import "net/http"

// Map is what the configuration adds to the page's own basemap. Files are served by
// the gateway itself.
type Map struct {
	Tiles, Attribution       string
	PMTilesFile, GeoJSONFile string
}

// mapView is the map as the page needs it: addresses instead of files.
func (m Map) view() map[string]string {
	v := map[string]string{}
	for name, is := range map[string][2]string{
		"tiles": {m.Tiles, m.Tiles}, "attribution": {m.Attribution, m.Attribution},
		"pmtiles": {m.PMTilesFile, "/api/v1/map/tiles.pmtiles"}, "geojson": {m.GeoJSONFile, "/api/v1/map/overlay.geojson"},
	} {
		if is[0] != "" {
			v[name] = is[1]
		}
	}
	return v
}

// mapFile serves one configured file, whole or by ranges.
func (s *Server) mapFile(path, mime string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if path == "" {
			problem(w, http.StatusNotFound, "the configuration's map section names no such file")
			return
		}
		w.Header().Set("Content-Type", mime)
		w.Header().Set("Cache-Control", "private, no-cache")
		http.ServeFile(w, r, path)
	}
}
