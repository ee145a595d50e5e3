package config

import (
	"fmt"
	"os"
	"strings"

	"htgateway/devices/meshtastic"
)

// Meshtastic is how packets of a LoRa mesh are read.
type Meshtastic struct {
	KeysFile string `yaml:"keys_file"`
	// Keys are read from KeysFile, by the channel's name.
	Keys map[string]meshtastic.Key `yaml:"-"`
}

// LoadChannelKeys reads a file of "channel:key" lines, the keys in base64 as the
// Meshtastic apps show them.
func LoadChannelKeys(path string) (map[string]meshtastic.Key, error) {
	lines, problems, err := namedLines(path, "channel:key")
	if err != nil {
		return nil, err
	}
	keys := map[string]meshtastic.Key{}
	for _, l := range lines {
		key, err := meshtastic.ParseKey(l.value)
		if err != nil {
			problems = append(problems, Problem{File: path, Line: l.number, Message: fmt.Sprintf("channel %q: %v", l.name, err)})
			continue
		}
		keys[l.name] = key
	}
	if len(problems) > 0 {
		return nil, &ProblemsError{problems}
	}
	return keys, nil
}

// namedLine is one "name:value" line.
type namedLine struct {
	number      int
	name, value string
}

// namedLines reads "name:value" lines; empty ones and those that begin with # are
// left out. An empty path has none. A line's value is never part of a message.
func namedLines(path, form string) ([]namedLine, []Problem, error) {
	if path == "" {
		return nil, nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read a file of secrets: %w", err)
	}
	var (
		lines    []namedLine
		problems []Problem
		seen     = map[string]bool{}
	)
	for i, text := range strings.Split(string(b), "\n") {
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		l := namedLine{i + 1, strings.TrimSpace(name), strings.TrimSpace(value)}
		switch {
		case !ok || l.name == "" || l.value == "":
			problems = append(problems, Problem{File: path, Line: l.number, Message: "not " + form})
		case seen[l.name]:
			problems = append(problems, Problem{File: path, Line: l.number, Message: fmt.Sprintf("%q is there twice", l.name)})
		default:
			seen[l.name] = true
			lines = append(lines, l)
		}
	}
	return lines, problems, nil
}
