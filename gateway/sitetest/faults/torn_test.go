package faults

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// What of a log's file belongs to one page, and what stands before the first.
const (
	logHead  = 32
	logFrame = 24 + 4096
)

// tear damages a file from a place on, in one of the ways that disks do it.
func tear(file []byte, at int) (torn []byte, how string) {
	torn = bytes.Clone(file)
	upTo := min(at+sector, len(file))
	switch rand.IntN(4) {
	case 0:
		return torn[:at], "cut off"
	case 1:
		clear(torn[at:])
		return torn, "zeros"
	case 2:
		clear(torn[at:upTo])
		return torn, "a sector of zeros"
	}
	for i := at; i < upTo; i++ {
		torn[i] = byte(rand.N(256))
	}
	return torn, "a sector of noise"
}

// committed is where the last whole commit of a log ends that was torn. A page is the
// last of a commit when its head tells the size of the file.
func committed(log, torn []byte) (end int) {
	same := 0
	for same < len(torn) && torn[same] == log[same] {
		same++
	}
	end = min(logHead, len(torn))
	for at := logHead; at+logFrame <= same; at += logFrame {
		if string(log[at+4:at+8]) != "\x00\x00\x00\x00" {
			end = at + logFrame
		}
	}
	return end
}

// TestFaultsTornLog: the gateway was killed, and its journal's write-ahead log is torn
// at a random place, or the page that was being carried from it into the file is. It
// starts, has all that was acknowledged before that place, once, and says what it left
// out.
func TestFaultsTornLog(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t, "andi")
	s.Start()
	c := s.MQTTClient("andi")
	journal := filepath.Join(s.Dir, "data", "journal.db")
	ends := map[string]int{} // where in the log the commit of an acknowledged report ends at the latest
	for n := range 120 {
		text := fmt.Sprintf("andi %d", n)
		s.Publish(c, "htgateway/devices/andi/report", fmt.Sprintf(`{"text":%q}`, text))
		info, err := os.Stat(journal + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		ends[text] = int(info.Size())
	}
	c.Disconnect(0)
	s.Kill()
	file, log := readFile(t, journal), readFile(t, journal+"-wal")
	end := len(log)
	points, owed, lost, doubled := min(*faultPoints, 100), 0, 0, 0
	for point := range points {
		at, how := end, "a page half carried over"
		tornFile, tornLog := bytes.Clone(file), log
		if point%5 == 4 {
			// The page is in the log still: until a sync covers the file it is not given up.
			page := int(rand.N(uint32((end - logHead) / logFrame)))
			number := int(log[logHead+page*logFrame+2])<<8 | int(log[logHead+page*logFrame+3])
			half := make([]byte, 2048)
			for i := range half {
				half[i] = byte(rand.N(256))
			}
			tornFile = put(tornFile, half, (number-1)*4096+2048)
			if number == 1 { // the first is read before the log is: its head is one sector, and whole
				tornFile = put(bytes.Clone(file), half, 2048)
			}
		} else {
			at = rand.IntN(end)
			tornLog, how = tear(log[:end], at)
		}
		if err := os.RemoveAll(filepath.Dir(journal)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Dir(journal), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{journal: tornFile, journal + "-wal": tornLog} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		left := len(tornLog) - committed(log, tornLog)
		s.Start()
		s.Stop()
		if said := strings.Contains(s.Log.String(), fmt.Sprintf("belong to no commit and are left out\" file=%s-wal bytes=%d ", journal, left)); said != (left > 0) {
			t.Errorf("%s at %d of %d, %d bytes left out, said: %v\n%s", how, at, end, left, said, s.Log)
		}
		acknowledged, stored := map[string]bool{}, map[string]int{}
		for text, place := range ends {
			if place <= at {
				acknowledged[text] = true
			}
		}
		for _, r := range sitetest.StoredReports(t, journal) {
			stored[r.Text]++
		}
		l, d := holdAgainst(t, "journal with a torn log", acknowledged, stored)
		if l+d > 0 {
			t.Errorf("%s at %d of %d", how, at, end)
		}
		lost, doubled, owed = lost+l, doubled+d, owed+len(acknowledged)
	}
	t.Logf("torn journal: %d places in a log of %d bytes; %d acknowledged reports looked for in all; lost %d, doubled %d", points, end, owed, lost, doubled)
}

// TestFaultsTornFile: of the journal's file itself, or of a backup's copy, the end is
// missing. Neither is taken: the gateway leaves the file as it is and says what to do,
// and restore puts nothing.
func TestFaultsTornFile(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	for range 20 {
		s.OpenIncident()
	}
	command := func(args ...string) (string, int) {
		var out bytes.Buffer
		code := sitetest.Run(t.Context(), t, args, nil, &out, &out)
		return out.String(), code
	}
	config := filepath.Join(s.Dir, "htgateway.yaml")
	kept := filepath.Join(t.TempDir(), "backup")
	if out, code := command("backup", "--config", config, "--output", kept); code != sitetest.ExitDone {
		t.Fatalf("exit %d, %s", code, out)
	}
	s.Stop()
	points := min(*faultPoints, 100)
	damage := func(path string, file []byte) (at int) {
		at = 1 + rand.IntN(len(file)-1)
		if rand.IntN(2) == 0 {
			at = len(file) - 1 - rand.IntN(4096) // in the last page
		}
		if err := os.WriteFile(path, file[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	journal := filepath.Join(s.Dir, "data", "journal.db")
	if _, err := os.Stat(journal + "-wal"); err == nil {
		t.Fatal("a gateway that ended left a log")
	}
	file := readFile(t, journal)
	for range points {
		at := damage(journal, file)
		out, code := command("run", "--config", config)
		if code == sitetest.ExitDone || !strings.Contains(out, "is damaged and was left as it is") || !strings.Contains(out, "htgateway restore") {
			t.Errorf("cut at %d of %d: exit %d, %s", at, len(file), code, out)
		}
		if !bytes.Equal(readFile(t, journal), file[:at]) {
			t.Errorf("cut at %d of %d: the file was changed", at, len(file))
		}
	}
	copied := filepath.Join(kept, "journal.db")
	file = readFile(t, copied)
	refused := func(what, words string) {
		t.Helper()
		into := filepath.Join(t.TempDir(), "data")
		for _, args := range [][]string{{"restore", kept, "--check"}, {"restore", kept, "--data", into}} {
			if out, code := command(args...); code == sitetest.ExitDone || !strings.Contains(out, words) {
				t.Errorf("%s, %v: exit %d, %s", what, args, code, out)
			}
		}
		if _, err := os.Stat(into); err == nil {
			t.Errorf("%s: something was put", what)
		}
	}
	for range points {
		at := damage(copied, file)
		refused(fmt.Sprintf("cut at %d of %d", at, len(file)), "the backup is damaged: journal.db has other content than when it was made")
	}
	if err := os.WriteFile(copied, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(kept, "backup.json")); err != nil {
		t.Fatal(err)
	}
	refused("without its last file", "one that was cut off")
	t.Logf("torn files: %d of the journal refused and left as they were, %d of a backup refused", points, points)
}
