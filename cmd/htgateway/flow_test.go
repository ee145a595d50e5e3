package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDataFlowsOneWay holds every package to the packages that stand before it:
// bytes → frame → report → journal → tracker → update → sinks.
func TestDataFlowsOneWay(t *testing.T) {
	t.Parallel()
	const module = "htgateway/"
	// What each package may import of this module, directly or not; a trailing
	// slash stands for everything below.
	decoder := []string{"devices", "devices/jsonobject", "geo"}
	tracker := []string{"devices", "devices/jsonobject", "geo", "gateway/journal", "gateway/sop", "gateway/snapshot"}
	sink := append([]string{"gateway/incident"}, tracker...)
	allowed := map[string][]string{
		"geo":                       nil,
		"geo/places":                {"geo"},
		"configs":                   nil,
		"devices":                   {"devices/jsonobject", "geo"},
		"devices/jsonobject":        {"geo"},
		"devices/nmea":              decoder,
		"devices/kenwood":           append([]string{"devices/nmea"}, decoder...),
		"devices/aprs":              append([]string{"devices/nmea"}, decoder...),
		"devices/ax25":              nil,
		"devices/kiss":              append([]string{"devices/nmea", "devices/aprs", "devices/ax25"}, decoder...),
		"devices/tetra":             append([]string{"devices/nmea"}, decoder...),
		"devices/owntracks":         decoder,
		"devices/fieldjson":         decoder,
		"devices/meshtastic":        decoder,
		"devices/redial":            nil,
		"devices/serialport":        {"devices/redial"},
		"devices/capture":           decoder,
		"devices/autobaud":          decoder,
		"devices/tcpport":           {"devices/redial"},
		"devices/password":          nil,
		"devices/wholefile":         nil,
		"devices/mqttclient":        append([]string{"devices/redial"}, decoder...),
		"devices/mqttbroker":        append([]string{"devices/password", "devices/mqttuser", "devices/wholefile"}, decoder...),
		"gateway/sop":               {"geo"},
		"gateway/journal":           nil,
		"gateway/wal":               nil,
		"gateway/newest":            nil,
		"gateway/snapshot":          nil,
		"gateway/journal/sqlite":    {"gateway/journal", "gateway/wal", "gateway/newest"},
		"gateway/intake":            {"devices", "devices/jsonobject", "geo", "gateway/journal"},
		"gateway/edge":              {"devices", "devices/jsonobject", "geo", "gateway/journal"},
		"gateway/incident":          tracker,
		"gateway/updatelog":         append([]string{"gateway/wal", "gateway/newest"}, sink...),
		"gateway/erasure":           append([]string{"gateway/updatelog"}, sink...),
		"gateway/fold":              append([]string{"devices/wholefile", "gateway/wal", "gateway/newest", "gateway/updatelog"}, sink...),
		"gateway/publish":           sink,
		"gateway/alarm":             sink,
		"gateway/cot":               sink,
		"gateway/webhook":           append([]string{"gateway/wal", "gateway/newest", "gateway/updatelog"}, sink...),
		"gateway/trace":             sink,
		"gateway/record":            append([]string{"gateway/intake"}, sink...),
		"gateway/desk":              append([]string{"geo/places"}, sink...),
		"gateway/enrolment":         append([]string{"geo/places", "devices/password", "gateway/desk"}, sink...),
		"gateway/downlink":          append([]string{"devices/"}, sink...),
		"gateway/silence":           sink,
		"gateway/web":               nil,
		"gateway/signin":            {"devices/password", "devices/wholefile"},
		"gateway/simulation":        nil,
		"gateway/simulation/year":   sink,
		"telemetry":                 sink,
		"telemetry/sqlite":          append([]string{"telemetry"}, sink...),
		"telemetry/influx":          append([]string{"telemetry"}, sink...),
		"telemetry/analysis":        append([]string{"telemetry"}, sink...),
		"telemetry/export":          append([]string{"telemetry"}, sink...),
		"telemetry/analysis/report": append([]string{"geo/places", "telemetry", "telemetry/analysis"}, sink...),
		"gateway/api":               append([]string{"gateway/wal", "gateway/newest", "gateway/help", "gateway/silence", "gateway/signin", "devices/password", "devices/wholefile", "devices/fieldjson", "gateway/desk", "gateway/updatelog", "telemetry", "telemetry/analysis", "telemetry/analysis/report", "geo/places", "gateway/enrolment", "gateway/replay"}, sink...),
		"gateway/config":            append([]string{"gateway/wal", "gateway/newest", "geo/places", "gateway/signin", "devices/password", "devices/wholefile", "configs", "gateway/updatelog", "gateway/webhook", "devices/ax25", "devices/meshtastic", "devices/owntracks", "devices/mqttuser"}, sink...),
		"gateway/link":              append([]string{"geo/places", "devices/", "gateway/intake", "gateway/edge", "gateway/desk"}, sink...),
		"devices/mqttuser":          {"devices/wholefile"},
		"cmd/bench":                 nil,
		"gateway/help":              nil,
		"gateway/doctor":            append([]string{"gateway/wal", "gateway/newest", "gateway/config", "gateway/signin", "configs", "geo/places", "gateway/updatelog", "gateway/webhook", "gateway/journal/sqlite", "telemetry", "telemetry/influx", "telemetry/sqlite", "devices/"}, sink...),
		"gateway/journal/jetstream": {"gateway/journal", "gateway/journal/sqlite", "gateway/wal", "gateway/newest"},
		"gateway/replay":            sink,
		"gateway/backup":            {"gateway/journal", "gateway/journal/sqlite", "gateway/wal", "gateway/newest"},
		"gateway/retention":         append([]string{"telemetry"}, sink...),
	}
	seen := map[string]bool{}
	for _, line := range packagesAs(t, `{{.ImportPath}} {{join .Deps " "}}`) {
		words := strings.Fields(line)
		name := strings.TrimPrefix(words[0], module)
		rules, ruled := allowed[name]
		seen[name] = true
		if !ruled {
			if !wires(name) {
				t.Errorf("package %s has no rule: say here what it may import", name)
			}
			continue
		}
		for _, dep := range words[1:] {
			dep, ours := strings.CutPrefix(dep, module)
			if ours && !permits(rules, dep) {
				t.Errorf("%s imports %s, which does not stand before it", name, dep)
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("a rule for %s, which is not there", name)
		}
	}
}

// wires tells which packages may import anything: those that put the parts
// together, and helpers of tests.
func wires(name string) bool {
	return name == "gateway" || name == "cmd/htgateway" || strings.HasSuffix(name, "test")
}

func permits(rules []string, dep string) bool {
	for _, r := range rules {
		if dep == r || strings.HasSuffix(r, "/") && strings.HasPrefix(dep, r) {
			return true
		}
	}
	return false
}

// packagesAs is a line of each package of the module, as go list makes it.
func packagesAs(t *testing.T, format string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, "../../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
