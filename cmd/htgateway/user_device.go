package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"htgateway/devices/account/mqttuser"
	"htgateway/devices/account/password"
)

// addDevice adds one to the broker's users and prints a fresh password, once. It is
// kept nowhere: only its hash is.
func addDevice(cmd *cobra.Command, file, name, role, node string, given bool) error {
	if given {
		return errors.New("a device's password is always a fresh one: --password-stdin is for people")
	}
	secret := rand.Text()
	u := mqttuser.User{Name: name, Hash: password.Hash([]byte(secret)), Role: mqttuser.Role(role), Node: node}
	if role == "" {
		u.Role = mqttuser.Device
	}
	if u.Role == mqttuser.Mesh && node == "" {
		return errors.New("a mesh gateway needs --node, its own node id: what it passes on is published under it")
	}
	if err := mqttuser.Add(file, u); err != nil {
		return err
	}
	return tellPerson(cmd.OutOrStdout(), name, secret, false)
}

// devicePassword gives one of the broker's users a fresh password, or the given one.
func devicePassword(cmd *cobra.Command, file, name string, given bool) error {
	secret, err := freshOrGiven(cmd.InOrStdin(), given)
	if err != nil {
		return err
	}
	if err := mqttuser.SetHash(file, name, password.Hash([]byte(secret))); err != nil {
		return err
	}
	return tellPerson(cmd.OutOrStdout(), name, secret, given)
}

func listDevices(cmd *cobra.Command, file string) error {
	users, err := mqttuser.ReadFile(file)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		line := fmt.Sprintf("%-24s %-8s %s", name, users[name].Role, users[name].Node)
		fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(line, " "))
	}
	return nil
}

// ofDevices tells a file of the broker's users (name:hash:role) from one of people
// (name:role:hash): a hash begins with a dollar, a role does not.
func ofDevices(file string) bool {
	text, err := os.ReadFile(file) // #nosec G304 -- --file of whoever runs the command
	if err != nil {
		return false // whoever reads it next says why
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		_, rest, _ := strings.Cut(line, ":")
		return strings.HasPrefix(rest, "$")
	}
	return false
}
