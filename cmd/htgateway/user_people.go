package main

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"

	"htgateway/devices/account"
	"htgateway/devices/account/password"

	"github.com/spf13/cobra"
)

// addPerson adds somebody who signs in to the page and prints the password, once,
// unless it was given.
func addPerson(cmd *cobra.Command, file, name, role string, given bool) error {
	secret, err := freshOrGiven(cmd.InOrStdin(), given)
	if err != nil {
		return err
	}
	u := account.User{Name: name, Hash: password.Hash([]byte(secret)), Role: account.Role(role)}
	if !u.Role.OfPeople() {
		return fmt.Errorf("%w: %q, only %v", account.ErrRole, role, account.PeopleRoles())
	}
	if err := account.Add(file, u); err != nil {
		return err
	}
	return printPassword(cmd.OutOrStdout(), name, secret, given)
}

func newUserPasswordCommand() *cobra.Command {
	var file string
	var given bool
	cmd := &cobra.Command{
		Use:   "password NAME --file FILE [--password-stdin]",
		Short: "Give a user of the page or of the embedded broker another password; a fresh one is printed, once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			secret, err := freshOrGiven(cmd.InOrStdin(), given)
			if err != nil {
				return err
			}
			if err := account.SetHash(file, args[0], password.Hash([]byte(secret))); err != nil {
				return err
			}
			return printPassword(cmd.OutOrStdout(), args[0], secret, given)
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

func printPassword(w io.Writer, name, secret string, given bool) error {
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
			users, err := account.ReadFile(file)
			if err != nil {
				return err
			}
			// People as they stand in the file, devices by name.
			slices.SortStableFunc(users, func(a, b account.User) int {
				switch people := a.Role.OfPeople(); {
				case people && b.Role.OfPeople():
					return 0
				case people:
					return -1
				case b.Role.OfPeople():
					return 1
				}
				return strings.Compare(a.Name, b.Name)
			})
			for _, u := range users {
				line := fmt.Sprintf("%-24s %-8s %s", u.Name, u.Role, u.Node)
				fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(line, " "))
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
			return account.Remove(file, args[0])
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "the file that http.users_file or mqtt.embedded.users_file names")
	_ = cmd.MarkFlagRequired("file") // it is defined above
	return cmd
}
