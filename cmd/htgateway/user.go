package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"htgateway/devices/mqttuser"
	"htgateway/devices/password"
	"htgateway/gateway/config"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make, list and remove the embedded broker's users"}
	var file, path string
	cmd.PersistentFlags().StringVar(&file, "file", "", "the file that mqtt.embedded.users_file names")
	cmd.PersistentFlags().StringVar(&path, "config", "", "the configuration, which names the file")
	cmd.MarkFlagsMutuallyExclusive("file", "config")
	users := func() (usersFile, error) { return findUsersFile(file, path) }
	cmd.AddCommand(newUserAddCommand(users), newUserListCommand(users), newUserRemoveCommand(users))
	return cmd
}

func newUserAddCommand(users func() (usersFile, error)) *cobra.Command {
	var u mqttuser.User
	var role string
	cmd := &cobra.Command{
		Use:   "add --device NAME [--role device|cad|mesh|reader] [--node !ID] --file FILE | --config FILE",
		Short: "Add a user and print its password, once",
		Long:  "Add a user to the embedded broker and print its password, once: only its hash is kept. A running gateway takes it at SIGHUP.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := users()
			if err != nil {
				return err
			}
			u.Role = mqttuser.Role(role)
			fresh, err := f.add(u)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "user %s\npassword %s\n", u.Name, fresh)
			return nil
		},
	}
	cmd.Flags().StringVar(&u.Name, "device", "", "the user name, without + # / : and spaces")
	cmd.Flags().StringVar(&role, "role", string(mqttuser.Device), "device, cad, mesh or reader")
	cmd.Flags().StringVar(&u.Node, "node", "", "a mesh gateway's own node id, such as !7d5a1c2e")
	_ = cmd.MarkFlagRequired("device") // fails only for a flag that is not there
	return cmd
}

func newUserListCommand(users func() (usersFile, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "list --file FILE | --config FILE",
		Short: "List the users with their roles",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := users()
			if err != nil {
				return err
			}
			return f.list(cmd.OutOrStdout())
		},
	}
}

func newUserRemoveCommand(users func() (usersFile, error)) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "remove --device NAME --file FILE | --config FILE",
		Short: "Remove a user; a running gateway ends its sessions at SIGHUP",
		Args:  cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			f, err := users()
			if err != nil {
				return err
			}
			return f.remove(name)
		},
	}
	cmd.Flags().StringVar(&name, "device", "", "the user name")
	_ = cmd.MarkFlagRequired("device") // fails only for a flag that is not there
	return cmd
}

// usersFile is the path of the embedded broker's users.
type usersFile string

func findUsersFile(file, configuration string) (usersFile, error) {
	switch {
	case file != "":
		return usersFile(file), nil
	case configuration == "":
		return "", errors.New("name the users file with --file, or the configuration with --config")
	}
	c, err := config.Load(configuration)
	if err != nil && c.MQTT.Embedded.UsersFile == "" {
		return "", err // a users file that is not there yet is no reason not to make it
	}
	if c.MQTT.Embedded.UsersFile == "" {
		return "", fmt.Errorf("%s names no mqtt.embedded.users_file", configuration)
	}
	return usersFile(c.MQTT.Embedded.UsersFile), nil
}

// read returns the file's text and users; one that is not there is empty.
func (f usersFile) read() ([]byte, map[string]mqttuser.User, error) {
	text, err := os.ReadFile(string(f))
	if err != nil && !os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("cannot read the users: %w", err)
	}
	users, err := mqttuser.Read(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", f, err)
	}
	return text, users, nil
}

// add writes a user with a fresh password, which is kept nowhere: only its hash is.
func (f usersFile) add(u mqttuser.User) (string, error) {
	if err := u.Check(); err != nil {
		return "", err
	}
	text, users, err := f.read()
	if err != nil {
		return "", err
	}
	if _, there := users[u.Name]; there {
		return "", fmt.Errorf("user %q is in %s already", u.Name, f)
	}
	fresh := rand.Text()
	u.Hash = password.Hash([]byte(fresh))
	if n := len(text); n > 0 && text[n-1] != '\n' {
		text = append(text, '\n')
	}
	return fresh, f.write(append(text, u.String()+"\n"...))
}

// remove takes a user's line out and leaves all others as they are.
func (f usersFile) remove(name string) error {
	text, users, err := f.read()
	if err != nil {
		return err
	}
	if _, there := users[name]; !there {
		return fmt.Errorf("no user %q in %s", name, f)
	}
	var rest strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimSpace(line), name+":") {
			rest.WriteString(line)
		}
	}
	return f.write([]byte(rest.String()))
}

// write replaces the file whole: a gateway that reads it meanwhile finds the old one
// or the new one.
func (f usersFile) write(text []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(string(f)), ".users-*") // mode 0600
	if err != nil {
		return fmt.Errorf("cannot write the users: %w", err)
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.Write(text)
	if err := errors.Join(err, keepOwner(fresh, string(f)), fresh.Sync(), fresh.Close()); err != nil {
		return fmt.Errorf("cannot write the users: %w", err)
	}
	if err := os.Rename(fresh.Name(), string(f)); err != nil {
		return fmt.Errorf("cannot write the users: %w", err)
	}
	return nil
}

func (f usersFile) list(w io.Writer) error {
	text, users, err := f.read()
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "USER\tROLE\tNODE")
	for line := range strings.Lines(string(text)) { // in the file's order
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		if u, ok := users[name]; ok && !strings.HasPrefix(name, "#") {
			fmt.Fprintf(t, "%s\t%s\t%s\n", u.Name, u.Role, u.Node)
		}
	}
	return t.Flush()
}
