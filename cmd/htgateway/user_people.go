package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"htgateway/devices/account/mqttuser"
	"htgateway/gateway/http/signin"
)

// addPerson adds somebody who signs in to the page and prints the password, once,
// unless it was given.
func addPerson(cmd *cobra.Command, file, name, role string, given bool) error {
	secret, err := freshOrGiven(cmd.InOrStdin(), given)
	if err != nil {
		return err
	}
	if err := signin.AddUser(file, name, signin.Role(role), []byte(secret)); err != nil {
		return err
	}
	return tellPerson(cmd.OutOrStdout(), name, secret, given)
}

func newUserPasswordCommand() *cobra.Command {
	var file string
	var given bool
	cmd := &cobra.Command{
		Use:   "password NAME --file FILE [--password-stdin]",
		Short: "Give a user of the page or of the embedded broker another password; a fresh one is printed, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ofDevices(file) {
				return devicePassword(cmd, file, args[0], given)
			}
			secret, err := freshOrGiven(cmd.InOrStdin(), given)
			if err != nil {
				return err
			}
			if err := signin.SetPassword(file, args[0], []byte(secret)); err != nil {
				return err
			}
			return tellPerson(cmd.OutOrStdout(), args[0], secret, given)
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the file that http.users_file or mqtt.embedded.users_file names")
	cmd.Flags().BoolVar(&given, "password-stdin", false, "read the password from standard input")
	_ = cmd.MarkFlagRequired("file") // it is defined above
	return cmd
}

// shortest is the least that a chosen password may have (NIST SP 800-63B rev. 4,
// section 3.1.1.2, asks for 15 where it is the only proof).
const shortest = 15

func freshOrGiven(stdin io.Reader, given bool) (string, error) {
	if !given {
		return rand.Text(), nil
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("cannot read the password: %w", err)
	}
	secret := strings.TrimRight(line, "\r\n")
	if len(secret) < shortest {
		return "", fmt.Errorf("the password has %d characters, fewer than %d", len(secret), shortest)
	}
	return secret, nil
}

func tellPerson(w io.Writer, name, secret string, given bool) error {
	if given {
		_, err := fmt.Fprintf(w, "user %s\n", name)
		return err
	}
	_, err := fmt.Fprintf(w, "user %s\npassword %s\n", name, secret)
	return err
}

func newUserListCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "list --file FILE",
		Short: "List the users of the page or of the embedded broker with their roles",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ofDevices(file) {
				return listDevices(cmd, file)
			}
			users, err := signin.ReadUsers(file)
			if err != nil {
				return err
			}
			for _, u := range users {
				fmt.Fprintf(cmd.OutOrStdout(), "%-24s %s\n", u.Name, u.Role)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the file that http.users_file or mqtt.embedded.users_file names")
	_ = cmd.MarkFlagRequired("file") // it is defined above
	return cmd
}

func newUserRemoveCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "remove NAME --file FILE",
		Short: "Remove a user of the page, whose sessions end at once, or of the embedded broker, whose connections end at SIGHUP",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if ofDevices(file) {
				return mqttuser.Remove(file, args[0])
			}
			return signin.RemoveUser(file, args[0])
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the file that http.users_file or mqtt.embedded.users_file names")
	_ = cmd.MarkFlagRequired("file") // it is defined above
	return cmd
}
