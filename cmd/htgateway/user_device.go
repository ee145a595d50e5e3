package main

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"htgateway/devices/account"
	"htgateway/devices/account/password"
)

// addDevice adds one to the broker's users and prints a fresh password, once. It is
// kept nowhere: only its hash is.
func addDevice(cmd *cobra.Command, file, name, role, node string, given bool) error {
	if given {
		return errors.New("a device's password is always a fresh one: --password-stdin is for people")
	}
	secret := rand.Text()
	u := account.User{Name: name, Hash: password.Hash([]byte(secret)), Role: account.Role(role), Node: node}
	if role == "" {
		u.Role = account.Device
	}
	if !u.Role.OfField() {
		return fmt.Errorf("%w: %q, only %v", account.ErrRole, role, account.FieldRoles())
	}
	if u.Role == account.Mesh && node == "" {
		return errors.New("a mesh gateway needs --node, its own node id: what it passes on is published under it")
	}
	if err := account.Add(file, u); err != nil {
		return err
	}
	return printPassword(cmd.OutOrStdout(), name, secret, false)
}
