package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"htgateway/devices/password"
	"htgateway/gateway/signin"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make users"}
	var device, file, role string
	var given bool
	add := &cobra.Command{
		Use:   "add NAME --role ROLE --file FILE [--password-stdin] | add --device NAME --file FILE",
		Short: "Add somebody who signs in to the page, or a field device of the embedded broker; the password is printed, once",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (len(args) == 1) == (device != ""):
				return errors.New("either NAME with --role, or --device NAME")
			case len(args) == 1:
				return addPerson(cmd, file, args[0], role, given)
			}
			secret, err := addDevice(file, device)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "user %s\npassword %s\n", device, secret)
			return nil
		},
	}
	add.Flags().StringVar(&device, "device", "", "a device's user name, letters and digits")
	add.Flags().StringVar(&role, "role", string(signin.Dispatcher), "what the user may do: viewer, dispatcher, analyst or admin")
	add.Flags().StringVar(&file, "file", "", "the file that http.users_file names, or mqtt.embedded.users_file for a device")
	add.Flags().BoolVar(&given, "password-stdin", false, "read a user's password from standard input")
	_ = add.MarkFlagRequired("file") // it is defined above
	cmd.AddCommand(add, newUserPasswordCommand(), newUserListCommand(), newUserRemoveCommand())
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
