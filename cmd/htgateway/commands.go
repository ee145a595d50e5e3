package main

import "github.com/spf13/cobra"

// commands lists every subcommand; each is made in a file of its own.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(),
		newRunCommand(),
		newDecodeCommand(),
		newSimulateCommand(),
		newMonitorCommand(),
		newReplayCommand(),
		newReportCommand(),
		newRecordCommand(),
		newTraceCommand(),
		newExportCommand(),
		newImportCommand(),
		newRebuildCommand(),
		newEraseCommand(),
		newBackupCommand(),
		newRestoreCommand(),
		newConfigCommand(),
		newDoctorCommand(),
		newUserCommand(),
		newManCommand(),
		newVersionCommand(),
	}
}
