package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"htgateway/devices/protocol"
	"htgateway/devices/protocol/meshtastic"
	"htgateway/devices/protocol/owntracks"
)

// Meshtastic is how packets of a LoRa mesh are read.
type Meshtastic struct {
	KeysFile string `yaml:"keys_file"`
	SendRoot string `yaml:"send_root"`
	SendNode string `yaml:"send_node"`
	// Mesh is SendRoot and SendNode as they are used.
	Mesh meshtastic.Mesh `yaml:"-"`
	// Keys are read from KeysFile, by the channel's name.
	Keys map[string]meshtastic.Key `yaml:"-"`
}

// checkMesh checks the way into the mesh and keeps it as it is used.
func (c *Config) checkMesh(complain func(string, ...any)) {
	m := &c.Meshtastic
	if m.SendRoot == "" && m.SendNode == "" {
		return
	}
	switch {
	case m.SendRoot == "":
		complain("meshtastic.send_root is missing: send_node alone leads nowhere", "meshtastic", "send_node")
	case !strings.HasPrefix(m.SendRoot, "msh/") || strings.ContainsAny(m.SendRoot, "+#") || strings.HasSuffix(m.SendRoot, "/"):
		complain(fmt.Sprintf("meshtastic.send_root is %q, not like msh/ID", m.SendRoot), "meshtastic", "send_root")
	case !c.MQTT.Embedded.Enabled && !slices.ContainsFunc(c.Links, func(l Link) bool { return l.Kind == "mqtt" && l.Transmit }):
		complain("meshtastic.send_root: no link of kind mqtt may transmit and the embedded broker is off, so nothing gets there", "meshtastic", "send_root")
	}
	node, err := meshtastic.ParseNode(m.SendNode)
	switch {
	case m.SendNode == "":
		complain("meshtastic.send_node is missing: send_root needs the gateway node that transmits", "meshtastic", "send_root")
	case err != nil || !node.Single():
		complain(fmt.Sprintf("meshtastic.send_node is %q, not like !433c8aac", m.SendNode), "meshtastic", "send_node")
	}
	m.Mesh = meshtastic.Mesh{Root: m.SendRoot, Node: node}
}

// OwnTracks is how phones with OwnTracks are read.
type OwnTracks struct {
	SecretsFile string `yaml:"secrets_file"`
	// Secrets are read from SecretsFile, by "user/device" or "user".
	Secrets map[string]owntracks.Secret `yaml:"-"`
}

// LoadKeys reads a file of secrets of one kind; an empty path has none.
func LoadKeys(kind protocol.Secret, path string) (keys protocol.Keys, err error) {
	switch kind {
	case protocol.ChannelKeys:
		keys.Channels, err = LoadChannelKeys(path)
	case protocol.PhoneSecrets:
		keys.Phones, err = LoadPhoneSecrets(path)
	default:
		if path != "" {
			err = errors.New("this protocol has no keys")
		}
	}
	return keys, err
}

// LoadPhoneSecrets reads a file of "user/device:secret" lines.
func LoadPhoneSecrets(path string) (map[string]owntracks.Secret, error) {
	return loadNamed(path, string(protocol.PhoneSecrets), owntracks.ParseSecret)
}

// LoadChannelKeys reads a file of "channel:key" lines, the keys in base64 as the
// Meshtastic apps show them.
func LoadChannelKeys(path string) (map[string]meshtastic.Key, error) {
	return loadNamed(path, string(protocol.ChannelKeys), meshtastic.ParseKey)
}

// loadNamed reads "name:value" lines and what their values say.
func loadNamed[T any](path, form string, parse func(string) (T, error)) (map[string]T, error) {
	lines, problems, err := namedLines(path, form)
	if err != nil {
		return nil, err
	}
	out := map[string]T{}
	for _, l := range lines {
		v, err := parse(l.value)
		if err != nil {
			problems = append(problems, Problem{File: path, Line: l.number, Message: fmt.Sprintf("%q: %v", l.name, err)})
			continue
		}
		out[l.name] = v
	}
	if len(problems) > 0 {
		return nil, &ProblemsError{problems}
	}
	return out, nil
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
	b, err := os.ReadFile(path) // #nosec G304 -- a file that the configuration names
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
