package measures

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// mostReportTime and mostReportMemory are what a report of a whole year of a busy county
// may take.
const (
	mostReportTime   = time.Second
	mostReportMemory = 200 << 20 // bytes, resident
)

// yearCold has the kernel forget every file before each report, as after a start of the
// machine. It needs root.
var yearCold = flag.Bool("year.cold", false, "time the reports of the year with nothing of the disk in memory (needs root)")

// TestYearReportsAreQuick asks the real program for every report of a year that is made
// already (-year.data), and writes what each took, as a table. With -year.cold each
// begins with nothing in memory, and what it reads of the disk is written too.
func TestYearReportsAreQuick(t *testing.T) {
	if *yearData == "" {
		t.Skip("needs -year.data: make year")
	}
	program := sitetest.Binary(t)
	halves := strings.Fields("--from 2025-01-01 --to 2025-06-30 --compare-from 2025-07-01 --compare-to 2025-12-31")
	fmt.Println("| report | format | wall s | CPU s | MB | read MB |\n|---|---|---|---|---|---|")
	for _, by := range strings.Fields("category agency unit district hour weekday month") {
		for _, format := range strings.Fields("table csv json html") {
			timedReport(t, program, by, format)
			if by != "month" {
				timedReport(t, program, by+", two halves", format, halves...)
			}
		}
	}
}

// timedReport is the better of two: the first one may wait for the disk. Cold, both do.
func timedReport(t *testing.T, program, name, format string, more ...string) {
	t.Helper()
	by, _, _ := strings.Cut(name, ",")
	wall, cpu, memory, read := time.Hour, time.Duration(0), int64(0), int64(0)
	for range 2 {
		if *yearCold {
			dropCaches(t)
		}
		cmd := exec.CommandContext(t.Context(), program, append([]string{"report", "--data", *yearData, "--by", by, "--format", format}, more...)...)
		began := time.Now()
		out, err := cmd.Output()
		took := time.Since(began)
		if err != nil || len(out) < 1000 {
			t.Fatalf("by %s as %s: %d bytes, %v", name, format, len(out), err)
		}
		if took < wall {
			wall, cpu = took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
		}
		if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			memory, read = max(memory, used.Maxrss<<10), max(read, used.Inblock*512)
		}
	}
	fmt.Printf("| by %s | %s | %.2f | %.2f | %d | %d |\n", name, format, wall.Seconds(), cpu.Seconds(), memory>>20, read>>20)
	if wall > mostReportTime || memory > mostReportMemory {
		t.Errorf("by %s as %s took %s and %d MB", name, format, wall, memory>>20)
	}
}

// dropCaches makes the kernel forget what it has of files.
func dropCaches(t *testing.T) {
	t.Helper()
	syscall.Sync()
	if err := os.WriteFile("/proc/sys/vm/drop_caches", []byte("3"), 0); err != nil {
		t.Fatalf("-year.cold needs root: %v", err)
	}
}
