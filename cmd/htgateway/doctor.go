package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"htgateway/gateway/ops/doctor"
)

func newDoctorCommand() *cobra.Command {
	var path string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor [--config FILE] [--json]",
		Short: "Look a site over and say what to do: ports, brokers, disk, journal, store, clock, users, certificates",
		Long: "Doctor looks a site over and says of each thing how it is and what to do. It changes nothing and may be run while\n" +
			"the gateway runs; asked by root of an installed gateway, it judges by what the gateway's user may do.\n" +
			"Exit code 0 when nothing is at fault, 1 when something is, 2 when the configuration cannot be read.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			account, err := doctor.GatewayAccount(path == defaultConfig)
			if err != nil {
				return err
			}
			site := doctor.Site{File: path, Now: time.Now, Account: account}
			findings, readable := site.Examine(cmd.Context())
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				err = e.Encode(map[string]any{"verdict": doctor.Worst(findings), "findings": findings})
			} else {
				err = printFindings(cmd.OutOrStdout(), findings)
			}
			switch {
			case err != nil:
				return fmt.Errorf("cannot write the findings: %w", err)
			case !readable:
				return errors.New("the configuration cannot be read")
			case doctor.Worst(findings) == doctor.Fault:
				return fmt.Errorf("%w: the site has faults", errData)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&path, "config", defaultConfig, "the configuration")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// verdictMarks stand before each finding.
var verdictMarks = map[doctor.Verdict]struct {
	mark   string
	colour color.Attribute
}{
	doctor.Good:    {"baik", color.FgGreen},
	doctor.Unknown: {"  ? ", color.FgCyan},
	doctor.Warning: {"awas", color.FgYellow},
	doctor.Fault:   {"RUSAK", color.FgRed},
}

// printFindings writes each finding and what to do about it, in Indonesian and below
// it in English where that says it in other words.
func printFindings(w io.Writer, findings []doctor.Finding) error {
	counts := map[doctor.Verdict]int{}
	var err error
	print := func(format string, values ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, values...)
		}
	}
	for _, f := range findings {
		counts[f.Verdict]++
		m := verdictMarks[f.Verdict]
		print("%s %-13s %s: %s\n", color.New(m.colour).Sprintf("%-5s", m.mark), f.Area, orDash(f.Subject), f.Found.Indonesian)
		if f.Found.English != f.Found.Indonesian {
			print("%20s%s\n", "", f.Found.English)
		}
		if f.Do.Indonesian != "" {
			print("%18s→ %s\n", "", f.Do.Indonesian)
		}
		if f.Do.English != f.Do.Indonesian {
			print("%18s→ %s\n", "", f.Do.English)
		}
	}
	print("\n%d rusak / faults, %d awas / warnings, %d tidak diketahui / unknown, %d baik / good\n",
		counts[doctor.Fault], counts[doctor.Warning], counts[doctor.Unknown], counts[doctor.Good])
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
