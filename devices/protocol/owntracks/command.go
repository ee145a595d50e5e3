package owntracks

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"htgateway/devices"
)

// CommandTopic is where a phone takes commands; it must allow remote commands.
func CommandTopic(device devices.Identity) (string, error) {
	name, is := strings.CutPrefix(string(device), "owntracks:")
	if user, dev, two := strings.Cut(name, "/"); !is || !two || user == "" || dev == "" || strings.ContainsAny(name, "+#") {
		return "", fmt.Errorf("owntracks: %q is no phone, like owntracks:andi/phone", device)
	}
	return "owntracks/" + name + "/cmd", nil
}

// Region is a circle that a phone watches by itself.
type Region struct {
	Name string
	// Centre is longitude first, WGS 84 degrees.
	Centre  orb.Point
	RadiusM float64
	// At is the region's identity: a second one with the same time replaces it.
	At time.Time
}

// ReportLocation is the command that asks a phone where it is; it answers with a
// location whose trigger is "r".
func ReportLocation() []byte { return []byte(`{"_type":"cmd","action":"reportLocation"}`) }

// SetWaypoints is the command that has a phone watch a region, so that it tells
// itself when it enters and leaves. Source: OwnTracks booklet, "JSON", _type=cmd.
func SetWaypoints(r Region) ([]byte, error) {
	return setWaypoints(waypoint{"waypoint", r.Name, r.Centre.Lat(), r.Centre.Lon(), int(r.RadiusM), r.At.Unix()})
}

// nowhere is a latitude and longitude out of range, in degrees.
const nowhere = -1_000_000

// DropWaypoint is the command that takes a region back from a phone. The apps have
// no common one: iOS deletes the waypoint of this name when its position is out of
// range, Android replaces the one of this time by one without a radius, which it does
// not watch, and takes any number for a position. Source: OwnTracks booklet, "JSON",
// notes on _type=cmd; OwnTracks for Android, WaypointsRepo.importFromMessage.
func DropWaypoint(r Region) ([]byte, error) {
	return setWaypoints(waypoint{"waypoint", r.Name, nowhere, nowhere, 0, r.At.Unix()})
}

type waypoint struct {
	Type   string  `json:"_type"`
	Desc   string  `json:"desc"`
	Lat    float64 `json:"lat"`
	Lon    float64 `json:"lon"`
	Radius int     `json:"rad"` // metres
	Time   int64   `json:"tst"`
}

func setWaypoints(w waypoint) ([]byte, error) {
	type waypoints struct {
		Type      string     `json:"_type"`
		Waypoints []waypoint `json:"waypoints"`
	}
	return json.Marshal(struct {
		Type      string    `json:"_type"`
		Action    string    `json:"action"`
		Waypoints waypoints `json:"waypoints"`
	}{"cmd", "setWaypoints", waypoints{"waypoints", []waypoint{w}}})
}
