package main

import (
	"crypto/rand"
	"fmt"
	"htgateway/devices/password"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make users"}
	var device, file string
	add := &cobra.Command{
		Use:   "add --device NAME --file FILE",
		Short: "Add a field device to the embedded broker's users and print its password, once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := addDevice(file, device)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "user %s\npassword %s\n", device, password)
			return nil
		},
	}
	add.Flags().StringVar(&device, "device", "", "the device's user name, letters and digits")
	add.Flags().StringVar(&file, "file", "", "the file that mqtt.embedded.users_file names")
	add.MarkFlagsRequiredTogether("device", "file")
	add.MarkFlagsOneRequired("device", "file")
	cmd.AddCommand(add)
	return cmd
}

// addDevice appends a user with a fresh password to a users file. The password is
// kept nowhere: only its hash is.
func addDevice(file, device string) (string, error) {
	if strings.ContainsAny(device, "+#/: \t\n") {
		return "", fmt.Errorf("device name %q holds a character that MQTT topics or the file cannot", device)
	}
	have, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return "", fmt.Errorf("cannot read the users: %w", err)
	}
	for line := range strings.Lines(string(have)) {
		if strings.HasPrefix(line, device+":") {
			return "", fmt.Errorf("device %q is in %s already", device, file)
		}
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("cannot write the users: %w", err)
	}
	defer f.Close()
	fresh := rand.Text()
	if _, err := fmt.Fprintf(f, "%s:%s\n", device, password.Hash([]byte(fresh))); err != nil {
		return "", fmt.Errorf("cannot write the users: %w", err)
	}
	return fresh, f.Close()
}
