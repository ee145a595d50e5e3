package config

import (
	"fmt"
	"os"
	"strings"
	"unicode"

	"htgateway/devices"
	"htgateway/gateway/incident"
)

// LoadUnits reads a units file. Ids and devices must be unique: a device that
// spoke for two units would set the wrong one's arrival.
func LoadUnits(path string) ([]incident.Unit, error) {
	file, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return nil, fmt.Errorf("cannot read the units: %w", err)
	}
	var doc struct {
		Units []struct {
			ID       string             `yaml:"id"`
			CallSign string             `yaml:"call_sign"`
			Agency   string             `yaml:"agency"`
			Devices  []devices.Identity `yaml:"devices"`
		} `yaml:"units"`
	}
	problems := strict(path, file, &doc)
	owners := map[devices.Identity]string{}
	ids := map[string]bool{}
	var units []incident.Unit
	for i, u := range doc.Units {
		complain := func(message string) {
			problems = append(problems, Problem{File: path, Line: lineOf(file, "units", i), Message: message})
		}
		if u.ID == "" || u.CallSign == "" {
			complain("a unit needs id and call_sign")
		}
		if strings.ContainsAny(u.ID, "/+#?% ") || strings.ContainsFunc(u.ID, unicode.IsControl) {
			complain(fmt.Sprintf("unit id %q stands in topics and addresses: no / + # ? %%, blanks and control characters", u.ID))
		}
		if ids[u.ID] {
			complain(fmt.Sprintf("unit %q is there twice", u.ID))
		}
		ids[u.ID] = true
		for _, d := range u.Devices {
			if d.Family() == string(d) || d.Family() == "" {
				complain(fmt.Sprintf("device %q of %q has no family before a colon", d, u.ID))
			}
			if other, taken := owners[d]; taken {
				complain(fmt.Sprintf("device %q belongs to %q and to %q", d, other, u.ID))
			}
			owners[d] = u.ID
		}
		units = append(units, incident.Unit{ID: u.ID, CallSign: u.CallSign, Agency: u.Agency, Devices: u.Devices})
	}
	if len(problems) > 0 {
		return nil, &ProblemsError{problems}
	}
	return units, nil
}
