package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/ops/importer"
)

// importing is what the import command was asked for.
type importing struct{ data, config string }

func newImportCommand() *cobra.Command {
	var i importing
	cmd := &cobra.Command{
		Use:   "import [FILE|-] --data DIR [--config FILE]",
		Short: "Make a journal out of exported lines: to move a site, for disputes and tests",
		Long: "Import makes the journal of a folder that has none out of the lines of `htgateway export --what journal --format jsonl`, from a\n" +
			"file or standard input: ids, kinds, times and bodies as they stand there. seq and journaled_at may be missing: the lines then\n" +
			"stand in the order of the journal, unless they are plainly mixed, and journaled_at is at. Two lines that say the same under one id are one entry.\n" +
			"report, record and export answer for the folder afterwards, as of its newest entry, and run goes on from there. With --config the\n" +
			"folder is given a copy of what the figures hang on: units, procedure, places, codes, arrival. A folder that holds an\n" +
			"htgateway.yaml keeps it, and the journal goes where that says. Exit code 1 when a line is wrong: it is named by its number, and\n" +
			"nothing is imported.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "-" {
				return i.run(cmd, cmd.InOrStdin())
			}
			f, err := os.Open(args[0])
			if err != nil {
				return fmt.Errorf("cannot read what is to be imported: %w", err)
			}
			defer f.Close()
			return i.run(cmd, f)
		},
	}
	f := cmd.Flags()
	f.StringVar(&i.data, "data", "", "the data folder to be made (needed)")
	f.StringVar(&i.config, "config", "", "the configuration under which the journal came to be")
	if err := cmd.MarkFlagRequired("data"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func (i importing) run(cmd *cobra.Command, lines io.Reader) error {
	folder := datadir.Folder(i.data)
	var site *config.Config
	if i.config != "" {
		c, err := config.Load(i.config)
		if err != nil {
			return err
		}
		site = &c
	}
	has, err := importer.OwnConfiguration(folder)
	if err != nil {
		return err
	}
	if has && i.config != "" && !sameFile(i.config, folder.Configuration()) {
		return fmt.Errorf("%s holds a configuration of its own, so not with another: leave --config out", i.data)
	}
	// A folder that has a configuration has its journal where that says, as for every
	// other command.
	own := config.Config{Data: config.Data{Dir: i.data}}
	if has {
		if own, err = config.Load(folder.Configuration()); err != nil {
			return err
		}
	}
	if own.Journal.URL != "" || site != nil && site.Journal.URL != "" && folder == datadir.Of(*site) {
		return errors.New("this configuration has its journal in NATS; import makes one in a file, which restore can put there")
	}
	bar := newProgress(cmd.ErrOrStderr(), "lines", 0)
	made, err := importer.Run(cmd.Context(), datadir.Of(own), lines, importer.Options{
		Log:           newLog(config.Log{Level: "warn", Format: "text"}, cmd.ErrOrStderr()),
		Progress:      func(lines int) { bar.to(int64(lines)) },
		BeforeJournal: func() error { return importer.WriteConfiguration(folder, site) },
	})
	bar.end()
	var wrong *importer.LineError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%w: %w; nothing was imported", errData, err)
	case err != nil:
		return fmt.Errorf("cannot import: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d entries in %s\n", made.Entries, datadir.Of(own).Journal())
	if made.Duplicates > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%d lines repeat an entry\n", made.Duplicates)
	}
	if made.Renumbered > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%d entries have another number than their line: it is a part of a journal\n", made.Renumbered)
	}
	return nil
}

func sameFile(a, b string) bool {
	is, err := os.Stat(a)
	other, otherErr := os.Stat(b)
	return err == nil && otherErr == nil && os.SameFile(is, other)
}
