package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
)

// defaultConfig is where the Debian package keeps the configuration.
const defaultConfig = "/etc/htgateway/htgateway.yaml"

func newConfigCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Look at the configuration"}
	cmd.AddCommand(&cobra.Command{
		Use:   "check [FILE]",
		Short: "Name each wrong setting with file and line",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := defaultConfig
			if len(args) == 1 {
				path = args[0]
			}
			c, err := config.Load(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d links, %d units, %d categories: all right\n", path, len(c.Links), len(c.Units), len(c.Plan.Categories))
			return nil
		},
	})
	return cmd
}
