package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/devices/protocol/aprs"
	"htgateway/gateway/sitetest"
)

// These benchmarks decode the same file by our command and by the one that people
// use today, and tell what each does in a second of CPU time, so that it does not
// matter what else the machine is doing.

// cpuSeconds runs a command on a file, its output into another one, and returns
// the CPU time that it took.
func cpuSeconds(b *testing.B, in string, name string, args ...string) float64 {
	b.Helper()
	from, err := os.Open(in)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(b.TempDir(), "out"))
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Env = from, to, append(os.Environ(), "GOMAXPROCS=1")
	err = cmd.Run()
	if refused := (*exec.ExitError)(nil); err != nil && !errors.As(err, &refused) { // frames were refused
		b.Fatal(err)
	}
	if n, err := to.Seek(0, 2); err != nil || n < 1000 {
		b.Fatalf("%s wrote %d bytes: %v", name, n, err)
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// ourCommand is the gateway's program.
func ourCommand(b *testing.B) string {
	b.Helper()
	path := sitetest.Binary(b)
	return path
}

// aprsTimes is how often the packets are decoded, so that starting the programs does not
// count.
const aprsTimes = 1500

// packetLines are the real packets that both decoders can be given as text lines, and a
// file that has them so many times.
func packetLines(b *testing.B) (file string, once [][]byte) {
	b.Helper()
	for _, v := range vectors(b, "aprs.jsonl", "aprs") {
		packet, err := hex.DecodeString(v.Hex)
		if err != nil {
			b.Fatal(err)
		}
		if !strings.ContainsFunc(string(packet), func(r rune) bool { return r < ' ' || r > '~' }) {
			once = append(once, packet)
		}
	}
	var text strings.Builder
	for range aprsTimes {
		for _, p := range once {
			text.Write(p)
			text.WriteByte('\n')
		}
	}
	file = filepath.Join(b.TempDir(), "packets.txt")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return file, once
}

func BenchmarkBesideDirewolf(b *testing.B) {
	file, packets := packetLines(b)
	ours := cpuSeconds(b, file, ourCommand(b), "decode", "--protocol", "aprs")
	theirs := cpuSeconds(b, file, "decode_aprs")
	b.ReportMetric(float64(aprsTimes*len(packets))/ours, "ours")
	b.ReportMetric(float64(aprsTimes*len(packets))/theirs, "theirs")
}

func BenchmarkDecoderBesideDirewolf(b *testing.B) {
	file, packets := packetLines(b)
	defer debug.SetGCPercent(debug.SetGCPercent(decodeGCPercent)) // as the command does
	runtime.GC()                                                  // of what making the file left
	before, at := cpuTime(b), time.Now()
	for range aprsTimes {
		for _, p := range packets {
			r := devices.Report{Protocol: devices.APRS, ReceivedAt: at}
			if parts, err := aprs.Split(p); err == nil {
				_ = aprs.Read(parts, &r) // a refusal is a decoding too
			}
		}
	}
	ours := cpuTime(b) - before
	theirs := cpuSeconds(b, file, "decode_aprs")
	b.ReportMetric(float64(aprsTimes*len(packets))/ours, "ours")
	b.ReportMetric(float64(aprsTimes*len(packets))/theirs, "theirs")
}

// cpuTime is what this process has used so far, in seconds.
func cpuTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// BenchmarkBesideGpsd gives both what a receiver says in a drive of 28 hours: RMC,
// GGA and GLL each second. Gpsd makes one report of the three, ours one of each.
func BenchmarkBesideGpsd(b *testing.B) {
	const seconds = 100_000
	var text strings.Builder
	began := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for n := range seconds {
		at, angle := began.Add(time.Duration(n)*time.Second), float64(n)/700
		lat, lon := 50.184+9*math.Sin(angle), 13.674+9*math.Cos(angle)
		place := fmt.Sprintf("06%07.4f,S,108%07.4f,E", lat, lon)
		clock := at.Format("150405.00")
		text.WriteString(sitetest.Sentence(fmt.Sprintf("GPRMC,%s,A,%s,%.1f,%.1f,%s,,,A", clock, place, 22.5, math.Mod(angle*57.3, 360), at.Format("020106"))))
		text.WriteString(sitetest.Sentence(fmt.Sprintf("GPGGA,%s,%s,1,08,1.2,%.1f,M,5.0,M,,", clock, place, 141+20*math.Sin(angle))))
		text.WriteString(sitetest.Sentence(fmt.Sprintf("GPGLL,%s,%s,A,A", place, clock)))
	}
	file := filepath.Join(b.TempDir(), "drive.nmea")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	ours := cpuSeconds(b, file, ourCommand(b), "decode", "--protocol", "nmea", "--encoding", "raw")
	theirs := cpuSeconds(b, file, "gpsdecode", "-j")
	b.ReportMetric(3*seconds/ours, "ours")
	b.ReportMetric(3*seconds/theirs, "theirs")
}
