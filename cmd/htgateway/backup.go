package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"htgateway/gateway/config"
	"htgateway/gateway/datadir"
	"htgateway/gateway/journal/jetstream"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/ops/backup"
)

func newBackupCommand() *cobra.Command {
	var data, file, output string
	cmd := &cobra.Command{
		Use:   "backup --output DIR (--data DIR | --config FILE)",
		Short: "Copy journal, updates, series and configuration into a folder, also while the gateway runs",
		Long: "Backup copies the databases, each as it stands at one moment, and the files that the configuration names, secrets\n" +
			"too, into a new folder, with checksums and counts. The journal is copied last: what was acknowledged before the\n" +
			"backup began is in it. A journal in NATS (journal.url) is read from there into a journal file, with the same numbers,\n" +
			"ids and times. A series in InfluxDB is not copied: InfluxDB has its own backup, and `rebuild` makes it again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := datadir.LoadConfig(data, file)
			if err != nil {
				return err
			}
			if file == "" {
				file = datadir.Folder(data).Configuration()
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
	s := backup.Set{DataDir: c.Data.Dir, Databases: []string{datadir.Updates, datadir.Series, datadir.Journal}, Journal: datadir.Journal, Files: configFiles(c, file)}
	if c.Telemetry.Store != config.StoreSQLite {
		s.Databases = []string{datadir.Updates, datadir.Journal}
	}
	if c.Journal.URL != "" {
		o, err := datadir.ClusterJournal(c, time.Now, newLog(c.Log, cmd.ErrOrStderr()))
		if err != nil {
			return err
		}
		// A machine that has not run a gateway yet has the journal to back up all the same.
		s.Databases = slices.DeleteFunc(s.Databases, func(name string) bool {
			_, err := os.Stat(filepath.Join(c.Data.Dir, name))
			return name != datadir.Journal && errors.Is(err, fs.ErrNotExist)
		})
		s.Complete = func(ctx context.Context, dir string) error {
			o.File = datadir.Folder(dir).Journal()
			return jetstream.Save(ctx, o)
		}
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
	out := map[string]string{path.Join(backup.ConfigFolder, datadir.Configuration): file}
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
	main := map[string]string{datadir.Journal: "entries", datadir.Updates: "updates", datadir.Series: "points"}
	for _, d := range m.Databases {
		fmt.Fprintf(cmd.OutOrStdout(), "%-12s %10d %-8s %12d bytes  sha256 %.16s…\n", d.Name, d.Rows[main[d.Name]], main[d.Name], d.Bytes, d.SHA256)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%-12s %10d files\n", backup.ConfigFolder, len(m.Files))
}

// restoring is what the restore command was asked for.
type restoring struct {
	check                   bool
	data, configDir, config string
}

func newRestoreCommand() *cobra.Command {
	var r restoring
	cmd := &cobra.Command{
		Use:   "restore BACKUP (--check | --data DIR [--config-dir DIR] | --config FILE)",
		Short: "Check a backup, and put it into an empty data folder or an empty cluster",
		Long: "Restore reads a backup from end to end, holds it to its checksums and counts, has SQLite check the databases, and only\n" +
			"then copies them into the data folder. It overwrites nothing. With --config-dir the files of the configuration are\n" +
			"put as well; secrets that lay elsewhere are put under \"elsewhere\" there. A gateway that starts on it goes on from\n" +
			"the journal. A caller who was erased while the backup was made is to be erased again.\n\n" +
			"With --config the data folder is the one that this configuration names, and when it has a journal.url, the journal\n" +
			"goes into that NATS cluster, whose area must have none yet; it is read back, and no gateway opens it before it is\n" +
			"whole. With --data the journal becomes a file, also one that came from a cluster: take journal.url out of the\n" +
			"configuration then.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd, args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&r.check, "check", false, "only check it")
	f.StringVar(&r.data, "data", "", "the data folder that it is put into")
	f.StringVar(&r.configDir, "config-dir", "", "the folder that the configuration's files are put into")
	f.StringVar(&r.config, "config", "", "the configuration that names the data folder, and the cluster for the journal")
	cmd.MarkFlagsMutuallyExclusive("check", "data", "config")
	cmd.MarkFlagsMutuallyExclusive("config", "config-dir")
	cmd.MarkFlagsOneRequired("check", "data", "config")
	return cmd
}

func (r restoring) run(cmd *cobra.Command, from string) error {
	if r.check {
		m, err := backup.Check(cmd.Context(), from)
		if err != nil {
			return fmt.Errorf("%w: %w", errData, err)
		}
		listBackup(cmd, m)
		fmt.Fprintf(cmd.OutOrStdout(), "the backup of %s is whole\n", m.MadeAt.Format(time.RFC3339))
		return nil
	}
	to, where := backup.Place{DataDir: r.data, ConfigDir: r.configDir}, r.data
	if r.config != "" {
		c, err := config.Load(r.config)
		if err != nil {
			return err
		}
		to.DataDir, where = c.Data.Dir, c.Data.Dir
		if c.Journal.URL != "" {
			o, err := datadir.ClusterJournal(c, time.Now, newLog(c.Log, cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			where += ", its journal to " + c.Journal.URL + " as " + c.Journal.Area + ","
			to.Journal = func(ctx context.Context, file, digest string) error { return fillCluster(ctx, o, file, digest) }
		}
	}
	m, err := backup.Restore(cmd.Context(), from, to)
	if err != nil {
		return fmt.Errorf("%w: %w", errData, err)
	}
	listBackup(cmd, m)
	fmt.Fprintf(cmd.OutOrStdout(), "restored to %s as it was at %s\n", where, m.MadeAt.Format(time.RFC3339))
	if r.configDir == "" && len(m.Files) > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "the configuration's files stay in %s\n", filepath.Join(from, backup.ConfigFolder)+string(os.PathSeparator))
	}
	return nil
}

// fillCluster puts a journal file into a cluster.
func fillCluster(ctx context.Context, o jetstream.Options, file, digest string) (err error) {
	r, err := sqlite.OpenToRead(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	sum, err := jetstream.Restore(ctx, o, r.Entries(ctx))
	if err != nil {
		return err
	}
	if sum.String() != digest {
		return fmt.Errorf("the cluster's journal sums up to %s, the backup's to %s", sum, digest)
	}
	return nil
}
