package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine is where the figures were taken.
type machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	// Load is the machine's load average over a minute when the run began: what
	// else ran on it.
	Load string `json:"load"`
	// Peers are the versions of the others, as they tell them.
	Peers []string `json:"peers"`
}

func (m machine) String() string {
	return fmt.Sprintf("%d × %s, Linux %s, %s, load %s before; peers: %s", m.Cores, m.CPU, m.Kernel, m.Go, m.Load, strings.Join(m.Peers, "; "))
}

func thisMachine(peers map[string]string) machine {
	m := machine{CPU: "unknown CPU", Cores: runtime.NumCPU(), Go: runtime.Version(), Kernel: firstWord("/proc/sys/kernel/osrelease"), Load: firstWord("/proc/loadavg")}
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(name) == "model name" {
				m.CPU = strings.TrimSpace(value)
				break
			}
		}
	}
	for _, ask := range [][]string{{"mosquitto", "-h"}, {"telegraf", "--version"}, {"influxd", "version"}, {"gpsdecode", "-V"}, {"direwolf", "-t", "0", "-u"}} {
		path := peers[ask[0]]
		if path == "" {
			continue
		}
		said, _ := exec.Command(path, ask[1:]...).CombinedOutput() // #nosec G204 -- one of the five peers above; some exit with 1 after telling their version
		line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
		name := ask[0] + ": " + strings.TrimSpace(line)
		if program, err := os.Stat(path); err == nil { // with which plugins Telegraf was built shows in its size only
			name += fmt.Sprintf(" (%d MB)", program.Size()>>20)
		}
		m.Peers = append(m.Peers, name)
	}
	return m
}

func firstWord(path string) string {
	text, err := os.ReadFile(path) // #nosec G304 -- files of /proc, named above
	if words := strings.Fields(string(text)); err == nil && len(words) > 0 {
		return words[0]
	}
	return "unknown"
}
