package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"modernc.org/sqlite"
)

// version is set at build time by the Makefile.
var version = "dev"

// Exit codes of every command.
const (
	exitDone  = 0
	exitData  = 1 // something in the data was wrong
	exitUsage = 2 // usage or configuration
)

// errData marks an error in the data that a command was given, as opposed to one
// in how it was called.
var errData = errors.New("the data has errors")

func main() {
	// A commit waits for the data and the length of a file to be on disk, not for its
	// timestamps, which is half as long. Where there is no such call it stays as it is.
	_, _ = sqlite.Fdatasync(true)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "htgateway",
		Short:         "From a pressed key on a handy-talkie to the dispatcher's map and the response-time record",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(commands()...)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errData):
		fmt.Fprintln(stderr, "htgateway:", err)
		return exitData
	}
	fmt.Fprintln(stderr, "htgateway:", err)
	return exitUsage
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		Run:   func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "htgateway", version) },
	}
}
