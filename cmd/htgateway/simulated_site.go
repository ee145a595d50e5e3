package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"htgateway/configs"
	"htgateway/devices/account/password"
	"htgateway/gateway/datadir"
	"htgateway/gateway/simulation"
	"htgateway/geo/places"
)

// simulatedSite is a folder with the configuration of the simulated county, so
// that every command reads the same one.
type simulatedSite struct {
	dir string
	// http and broker are where the gateway is to listen.
	http, broker string
	// token is asked of scripts; none when empty.
	token string
	// named gives each base station's pty a name in dir that outlives it, so that a
	// gateway and a simulation find each other again after either was restarted.
	named bool
}

// write makes the base stations and writes the files. It returns the stations and
// the phones' passwords at the broker.
func (s simulatedSite) write() ([]*simulation.Station, map[string]string, error) {
	var stations []*simulation.Station
	var links []map[string]any
	for _, base := range simulation.Bases() {
		station, err := simulation.NewStation(base)
		if err != nil {
			return nil, nil, err
		}
		stations = append(stations, station)
		device := station.Device
		if s.named {
			if device, err = s.name(station); err != nil {
				return nil, nil, err
			}
		}
		link := map[string]any{"id": base.ID, "kind": "serial", "protocol": base.Protocol, "device": device, "baud": 9600, "transmit": true,
			"location": map[string]float64{"lat": base.Lat, "lon": base.Lon}}
		if base.Protocol == "kiss" {
			link["call_sign"] = simulation.BaseCall
		}
		links = append(links, link)
	}
	passwords := map[string]string{}
	var users strings.Builder
	var units []map[string]any
	for _, t := range simulation.Teams() {
		for _, user := range t.Phones() {
			passwords[user] = rand.Text()
			fmt.Fprintf(&users, "%s:%s\n", user, password.Hash([]byte(passwords[user])))
		}
		units = append(units, map[string]any{"id": t.ID, "call_sign": t.CallSign, "agency": t.Agency, "devices": t.Devices()})
	}
	site := map[string]any{
		"county": "Kabupaten Majalengka (simulasi)", "data": map[string]any{"dir": "."},
		"http": map[string]any{"listen": s.http}, "links": links, "units_file": "units.yaml", "alarms": map[string]any{"radio": "breach"},
		"mqtt": map[string]any{"embedded": map[string]any{"enabled": true, "listen": s.broker, "users_file": "mqtt-users"}},
	}
	files := map[string][]byte{"mqtt-users": []byte(users.String())}
	if s.token != "" {
		site["http"].(map[string]any)["token_file"] = "token"
		files["token"] = []byte(s.token)
	}
	for name, content := range map[string]any{"units.yaml": map[string]any{"units": units}, datadir.Configuration: site} {
		text, err := yaml.Marshal(content)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot write %s: %w", name, err)
		}
		files[name] = text
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), content, 0o600); err != nil {
			return nil, nil, fmt.Errorf("cannot write the simulated site: %w", err)
		}
	}
	return stations, passwords, nil
}

// name links the station's pty into the folder under the station's id.
func (s simulatedSite) name(station *simulation.Station) (string, error) {
	path, err := filepath.Abs(filepath.Join(s.dir, station.ID))
	if err != nil {
		return "", fmt.Errorf("cannot name a base station's pty: %w", err)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return "", fmt.Errorf("cannot name a base station's pty anew: %w", err)
	}
	if err := os.Symlink(station.Device, path); err != nil {
		return "", fmt.Errorf("cannot name a base station's pty: %w", err)
	}
	return path, nil
}

// simulatedPlaces is where things happen in the simulated county: its villages.
func simulatedPlaces() ([]simulation.Place, error) {
	gazetteer, err := places.Load(bytes.NewReader(configs.Places))
	if err != nil {
		return nil, err
	}
	var where []simulation.Place
	for _, v := range gazetteer.Villages() {
		where = append(where, simulation.Place{Name: v.Name, District: v.District, Point: v.Point})
	}
	return where, nil
}
