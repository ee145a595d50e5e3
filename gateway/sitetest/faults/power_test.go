package faults

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// TestFaultsPower cuts the power at random instants, as far as a file can tell: all
// that the gateway wrote to its journal was recorded by the kernel's calls, and a disk
// keeps for certain only what a completed sync covers. Of each later write it keeps
// all, some sectors or nothing, in any combination. Every such journal must open, be
// sound, and have every report that was acknowledged by then, once.
//
// The files' lengths, names and sectors are what is simulated; a disk that lies about
// its syncs, and a file system that loses a file it has synced, are not.
func TestFaultsPower(t *testing.T) {
	t.Parallel()
	names := sitetest.DeviceNames(10)
	s := sitetest.New(t, names...)
	addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
	s.Start()
	calls := filepath.Join(t.TempDir(), "calls")
	end := strace(s, "-y", "-ttt", "-xx", "-s", "100000", "-e", "trace=pwrite64,ftruncate,fsync,fdatasync", "-o", calls)
	journal := filepath.Join(s.Dir, "data", "journal.db")
	before := map[string][]byte{}
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		before[name] = readFile(t, filepath.Join(s.Dir, "data", name))
	}
	const each = 200
	st := sitetest.NewStream(t, addr, names, each, 1)
	st.AwaitAcknowledged(len(names) * each)
	end()
	s.Stop()
	recorded := readCalls(t, calls)
	if len(recorded) == 0 {
		t.Fatalf("strace recorded no write to %s", journal)
	}
	lost, doubled, owed := 0, 0, 0
	for range *faultPoints {
		cut := recorded[rand.IntN(len(recorded))].at
		place := t.TempDir()
		for name, file := range before {
			if err := os.WriteFile(filepath.Join(place, name), afterPowerLoss(file, recorded, name, cut), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		stored := map[string]int{}
		for _, r := range sitetest.StoredReports(t, filepath.Join(place, "journal.db")) {
			stored[r.Text]++
		}
		acknowledged := map[string]bool{}
		for text, at := range st.Ledger.At {
			if at.Before(cut) {
				acknowledged[text] = true
			}
		}
		l, d := holdAgainst(t, "journal after the loss of power", acknowledged, stored)
		lost, doubled, owed = lost+l, doubled+d, owed+len(acknowledged)
		if err := os.RemoveAll(place); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("loss of power: %d instants tried in %d writes and syncs; %d acknowledged reports looked for in all; lost %d, doubled %d",
		*faultPoints, len(recorded), owed, lost, doubled)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// call is one of the gateway's calls about a file of its journal, when it took effect.
type call struct {
	at   time.Time
	what string // "pwrite64", "ftruncate" or "sync"
	file string
	data []byte
	// place is where data goes, or the length that a file is cut to.
	place int
}

var (
	beginsCall = regexp.MustCompile(`^(\d+) +(\d+)\.(\d+) (pwrite64|ftruncate|fsync|fdatasync)\(\d+<([^>]*)>(.*)$`)
	endsCall   = regexp.MustCompile(`^(\d+) +(\d+)\.(\d+) <\.\.\. (?:fsync|fdatasync) resumed>.*= 0$`)
	cutsTo     = regexp.MustCompile(`^, (\d+)`)
	writes     = regexp.MustCompile(`^, "((?:\\x[0-9a-f]{2})*)", \d+, (\d+)`)
)

// readCalls reads what strace -xx recorded of the journal's files.
func readCalls(t *testing.T, path string) []call {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []call
	syncing := map[string]string{} // file by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if m := endsCall.FindStringSubmatch(lines.Text()); m != nil {
			if file := syncing[m[1]]; file != "" {
				out = append(out, call{at: instant(t, m[2], m[3]), what: "sync", file: file})
			}
			delete(syncing, m[1])
			continue
		}
		m := beginsCall.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		c := call{at: instant(t, m[2], m[3]), what: m[4], file: filepath.Base(string(unhex(t, m[5])))}
		if !strings.HasPrefix(c.file, "journal.db") || strings.HasSuffix(c.file, "lock") {
			continue
		}
		switch rest := m[6]; c.what {
		case "pwrite64":
			w := writes.FindStringSubmatch(rest)
			if w == nil {
				t.Fatalf("a write that cannot be read: %.200s", lines.Text())
			}
			c.data, c.place = unhex(t, w[1]), number(t, w[2])
		case "ftruncate":
			c.place = number(t, cutsTo.FindStringSubmatch(rest)[1])
		default:
			if strings.Contains(rest, "unfinished") {
				syncing[m[1]] = c.file
				continue
			}
			c.what = "sync"
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(out, func(a, b call) int { return a.at.Compare(b.at) })
	return out
}

func instant(t *testing.T, seconds, micros string) time.Time {
	return time.Unix(int64(number(t, seconds)), int64(number(t, micros))*1000)
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sector is what a disk writes whole or not at all.
const sector = 512

// afterPowerLoss is what may be left of a file after the power went at an instant.
func afterPowerLoss(before []byte, calls []call, name string, cut time.Time) []byte {
	synced := -1
	for i, c := range calls {
		if c.file == name && c.what == "sync" && !c.at.After(cut) {
			synced = i
		}
	}
	out := slices.Clone(before)
	for i, c := range calls {
		if c.file != name || c.what == "sync" || c.at.After(cut) {
			continue
		}
		fate := rand.IntN(3)
		if i <= synced {
			fate = 0
		}
		switch {
		case fate == 2: // nothing of it
		case c.what == "ftruncate":
			out = append(out, make([]byte, max(0, c.place-len(out)))...)[:c.place]
		case fate == 1: // some sectors
			for at := 0; at < len(c.data); at += sector {
				if rand.IntN(2) == 0 {
					out = put(out, c.data[at:min(at+sector, len(c.data))], c.place+at)
				}
			}
		default:
			out = put(out, c.data, c.place)
		}
	}
	return out
}

func put(file, data []byte, at int) []byte {
	file = append(file, make([]byte, max(0, at+len(data)-len(file)))...)
	copy(file[at:], data)
	return file
}
