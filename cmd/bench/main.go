package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures what the environment asks for: OUT is the folder for the results,
// PAIRS how often each row is run, ONLY which rows, by name and with commas between.
func run(ctx context.Context, env func(string) string, out io.Writer) error {
	pairs, err := strconv.Atoi(orElse(env("PAIRS"), "5"))
	if err != nil || pairs < 1 {
		return fmt.Errorf("PAIRS is %q, not a number of runs", env("PAIRS"))
	}
	chosen, err := choose(env("ONLY"))
	if err != nil {
		return err
	}
	peers := findPeers(env)
	r := results{Machine: thisMachine(peers), Began: time.Now().UTC()}
	fmt.Fprintln(out, r.Machine)
	for _, row := range chosen {
		o := measure(ctx, row, pairs, peers)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Rows = append(r.Rows, o)
		fmt.Fprintln(out, o.line())
	}
	r.Ended = time.Now().UTC()
	dir := orElse(env("OUT"), "bench")
	if err := r.write(dir); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\nwritten to %s\n", r.table(), dir)
	return nil
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func choose(only string) ([]row, error) {
	if only == "" {
		return rows, nil
	}
	var out []row
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Name == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("no row %q", name)
		}
		out = append(out, rows[i])
	}
	return out, nil
}

// findPeers finds the others' programs: in the path or where Debian puts servers,
// and those that are built, where the environment says.
func findPeers(env func(string) string) map[string]string {
	found := map[string]string{}
	for _, name := range []string{"mosquitto", "direwolf", "decode_aprs", "gpsdecode"} {
		for _, candidate := range []string{name, filepath.Join("/usr/sbin", name)} {
			if path, err := exec.LookPath(candidate); err == nil {
				found[name] = path
				break
			}
		}
	}
	for name, variable := range map[string]string{"telegraf": "HTGATEWAY_TELEGRAF", "influxd": "HTGATEWAY_INFLUXD"} {
		if path := env(variable); path != "" {
			if _, err := os.Stat(path); err == nil {
				found[name] = path
			}
		}
	}
	return found
}

// measure runs one row.
func measure(ctx context.Context, r row, pairs int, peers map[string]string) outcome {
	args := []string{"test", "-run", "^$", "-bench", "^" + r.Benchmark + "$", "-benchtime", "1x", "-count", strconv.Itoa(r.pairs(pairs)), "-timeout", "20m", r.Package}
	o := outcome{row: r, Command: "go " + strings.Join(args, " ")}
	for _, need := range r.Needs {
		if peers[need] == "" {
			o.Missing = strings.TrimPrefix(o.Missing+", "+need, ", ")
		}
	}
	if o.Missing != "" {
		o.Missing += " not found"
		return o
	}
	cmd := exec.CommandContext(ctx, "go", args...) // #nosec G204 -- rows of this program's own table
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	said, err := cmd.CombinedOutput()
	if err == nil {
		o.Pairs, err = readPairs(string(said), r.Benchmark)
	}
	if err != nil {
		o.Failed = lastLines(string(said), err)
		return o
	}
	s := summarise(o.Pairs)
	o.Summary, o.Met = &s, r.met(s.Ratio)
	return o
}

// lastLines is the end of what a failed benchmark printed.
func lastLines(said string, err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// line tells an outcome while the others are still being measured.
func (o outcome) line() string {
	switch {
	case o.Missing != "":
		return fmt.Sprintf("%-15s not available: %s", o.Name, o.Missing)
	case o.Failed != "":
		return fmt.Sprintf("%-15s failed: %s", o.Name, o.Failed)
	}
	return fmt.Sprintf("%-15s ours %s, theirs %s %s, ratio %.2f (%.2f–%.2f)", o.Name, figure(o.Summary.Ours), figure(o.Summary.Theirs), o.Unit,
		o.Summary.Ratio, o.Summary.RatioLow, o.Summary.RatioHigh)
}
