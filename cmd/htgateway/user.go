package main

import (
	"errors"

	"htgateway/devices/account"

	"github.com/spf13/cobra"
)

func newUserCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Make, list and remove users of the page and of the embedded broker"}
	var device, file, role, node string
	var given bool
	add := &cobra.Command{
		Use:   "add NAME --role ROLE --file FILE [--password-stdin] | add --device NAME [--role ROLE] [--node ID] --file FILE",
		Short: "Add somebody who signs in to the page, or a user of the embedded broker; the password is printed, once",
		Long: `Add somebody who signs in to the page (NAME), in the role viewer, dispatcher, analyst or
admin; or a user of the embedded broker (--device NAME), in the role device, cad, mesh,
reader or edge (the gateway of an edge site, which delivers by HTTP). The password is printed, once. A running gateway reads the broker's users at SIGHUP.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (len(args) == 1) == (device != ""):
				return errors.New("either NAME with --role, or --device NAME")
			case len(args) == 0:
				return addDevice(cmd, file, device, role, node, given)
			case node != "":
				return errors.New("--node is for --device NAME --role mesh")
			case role == "":
				role = string(account.Dispatcher)
			}
			return addPerson(cmd, file, args[0], role, given)
		},
	}
	add.Flags().StringVar(&device, "device", "", "a user name of the embedded broker, no /, +, #, colon or space")
	add.Flags().StringVar(&role, "role", "", "what the user may do: viewer, dispatcher (when empty), analyst or admin; with --device: device (when empty), cad, mesh, reader or edge")
	add.Flags().StringVar(&node, "node", "", `with --role mesh: the gateway node's id, "!7d5a1c2e"`)
	add.Flags().StringVar(&file, "file", "", "the file that http.users_file names, or mqtt.embedded.users_file with --device")
	add.Flags().BoolVar(&given, "password-stdin", false, "read a person's password from standard input")
	_ = add.MarkFlagRequired("file") // it is defined above
	cmd.AddCommand(add, newUserPasswordCommand(), newUserListCommand(), newUserRemoveCommand())
	return cmd
}
