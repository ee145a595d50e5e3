package gateway

import (
	"htgateway/gateway/http/api"
	"htgateway/gateway/incident"
)

// mapSettings are the configuration's map section as the API takes it.
func (g *Gateway) mapSettings() api.Map {
	m := g.c.Map
	return api.Map{Tiles: m.Tiles, Attribution: m.Attribution, PMTilesFile: m.PMTilesFile, GeoJSONFile: m.GeoJSONFile}
}

// stationAt is where a link's base station stands, nil when nobody said.
func (g *Gateway) stationAt(link string) *incident.Location {
	for _, l := range g.c.Links {
		if l.ID == link && l.Location != nil {
			return &incident.Location{Lat: l.Location.Lat, Lon: l.Location.Lon}
		}
	}
	return nil
}
