package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/backup"
	"htgateway/gateway/config"
)

// stateFile is the name of the updates in a data directory.
const stateFile = "state.db"

func newBackupCommand() *cobra.Command {
	var data, file, output string
	cmd := &cobra.Command{
		Use:   "backup --output DIR (--data DIR | --config FILE)",
		Short: "Copy journal, updates, series and configuration into a folder, also while the gateway runs",
		Long: "Backup copies the databases, each as it stands at one moment, and the files that the configuration names, secrets\n" +
			"too, into a new folder, with checksums and counts. The journal is copied last: what was acknowledged before the\n" +
			"backup began is in it. A series in InfluxDB is not: InfluxDB has its own backup, and `rebuild` makes it again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadSite(data, file)
			if err != nil {
				return err
			}
			if file == "" {
				file = filepath.Join(data, "htgateway.yaml")
			}
			return makeBackup(cmd, c, file, output)
		},
	}
	f := cmd.Flags()
	f.StringVar(&output, "output", "", "the folder that is made (needed)")
	f.StringVar(&data, "data", "", "a gateway's data directory that holds its htgateway.yaml, such as a demo's")
	f.StringVar(&file, "config", "", "the gateway's configuration")
	_ = cmd.MarkFlagRequired("output") // it is defined above
	cmd.MarkFlagsMutuallyExclusive("data", "config")
	cmd.MarkFlagsOneRequired("data", "config")
	return cmd
}

func makeBackup(cmd *cobra.Command, c config.Config, file, output string) error {
	s := backup.Set{DataDir: c.Data.Dir, Databases: []string{stateFile, seriesFile, journalFile}, Files: configFiles(c, file)}
	if c.Telemetry.Store != "sqlite" {
		s.Databases = []string{stateFile, journalFile}
	}
	began := time.Now()
	m, err := backup.Make(cmd.Context(), s, filepath.Clean(output), began, func(step string) {
		if terminal(cmd.ErrOrStderr()) {
			fmt.Fprintf(cmd.ErrOrStderr(), "copying %s\n", step)
		}
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errData, err)
	}
	listBackup(cmd, m)
	fmt.Fprintf(cmd.OutOrStdout(), "backed up in %s to %s\n", time.Since(began).Round(time.Millisecond), output)
	return nil
}

// configFiles are the configuration and what it names, by their names in a backup:
// as they lie below the configuration's folder, others under "elsewhere".
func configFiles(c config.Config, file string) map[string]string {
	dir := filepath.Dir(file)
	out := map[string]string{path.Join(backup.ConfigFolder, "htgateway.yaml"): file}
	for _, name := range c.Files() {
		at, err := filepath.Rel(dir, name)
		if err != nil || !filepath.IsLocal(at) {
			at = filepath.Join("elsewhere", strings.ReplaceAll(strings.Trim(filepath.ToSlash(name), "/"), "/", "_"))
		}
		out[path.Join(backup.ConfigFolder, filepath.ToSlash(at))] = name
	}
	return out
}

func listBackup(cmd *cobra.Command, m backup.Manifest) {
	main := map[string]string{journalFile: "entries", stateFile: "updates", seriesFile: "points"}
	for _, d := range m.Databases {
		fmt.Fprintf(cmd.OutOrStdout(), "%-12s %10d %-8s %12d bytes  sha256 %.16s…\n", d.Name, d.Rows[main[d.Name]], main[d.Name], d.Bytes, d.SHA256)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%-12s %10d files\n", backup.ConfigFolder, len(m.Files))
}

func newRestoreCommand() *cobra.Command {
	var data, configDir string
	var check bool
	cmd := &cobra.Command{
		Use:   "restore BACKUP (--check | --data DIR [--config-dir DIR])",
		Short: "Check a backup, and put it into an empty data folder",
		Long: "Restore reads a backup from end to end, holds it to its checksums and counts, has SQLite check the databases, and only\n" +
			"then copies them into the data folder. It overwrites nothing. With --config-dir the files of the configuration are\n" +
			"put as well; secrets that lay elsewhere are put under \"elsewhere\" there. A gateway that starts on it goes on from\n" +
			"the journal. A caller who was erased while the backup was made is to be erased again.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if check {
				m, err := backup.Check(cmd.Context(), args[0])
				if err != nil {
					return fmt.Errorf("%w: %w", errData, err)
				}
				listBackup(cmd, m)
				fmt.Fprintf(cmd.OutOrStdout(), "the backup of %s is whole\n", m.MadeAt.Format(time.RFC3339))
				return nil
			}
			m, err := backup.Restore(cmd.Context(), args[0], data, configDir)
			if err != nil {
				return fmt.Errorf("%w: %w", errData, err)
			}
			listBackup(cmd, m)
			fmt.Fprintf(cmd.OutOrStdout(), "restored to %s as it was at %s\n", data, m.MadeAt.Format(time.RFC3339))
			if configDir == "" && len(m.Files) > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "the configuration's files stay in %s\n", filepath.Join(args[0], backup.ConfigFolder)+string(os.PathSeparator))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&check, "check", false, "only check it")
	f.StringVar(&data, "data", "", "the data folder that it is put into")
	f.StringVar(&configDir, "config-dir", "", "the folder that the configuration's files are put into")
	cmd.MarkFlagsMutuallyExclusive("check", "data")
	cmd.MarkFlagsOneRequired("check", "data")
	return cmd
}
