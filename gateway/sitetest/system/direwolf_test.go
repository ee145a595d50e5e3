package system

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"htgateway/gateway/sitetest"
)

// direwolf is a real software TNC that hears what is written to its sound input.
type direwolf struct {
	t     *testing.T
	dir   string
	sound io.WriteCloser
	port  int
}

func newDirewolf(t *testing.T) *direwolf {
	t.Helper()
	d := &direwolf{t: t, dir: t.TempDir(), port: sitetest.FreePort(t)}
	conf := fmt.Sprintf("ADEVICE stdin null\nARATE 44100\nCHANNEL 0\nMYCALL YB1GTE\nMODEM 1200\nAGWPORT 0\nKISSPORT %d\n", d.port)
	if err := os.WriteFile(filepath.Join(d.dir, "direwolf.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("direwolf", "-t", "0", "-q", "hd", "-n", "1", "-r", "44100", "-b", "16", "-c", filepath.Join(d.dir, "direwolf.conf"), "-")
	var err error
	if d.sound, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: apt-get install direwolf", err)
	}
	t.Cleanup(func() {
		_ = d.sound.Close() // end of its sound ends it
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	return d
}

// transmit puts packets on the air: Direwolf's own generator makes the tones that
// its receiver then hears.
func (d *direwolf) transmit(packets string) {
	d.t.Helper()
	text, wave := filepath.Join(d.dir, "packets.txt"), filepath.Join(d.dir, "air.wav")
	if err := os.WriteFile(text, []byte(packets), 0o600); err != nil {
		d.t.Fatal(err)
	}
	if out, err := exec.Command("gen_packets", "-r", "44100", "-o", wave, text).CombinedOutput(); err != nil {
		d.t.Fatalf("gen_packets: %v: %s", err, out)
	}
	tones, err := os.ReadFile(wave)
	if err != nil {
		d.t.Fatal(err)
	}
	silence := make([]byte, 44100)
	const header = 44 // of a wave file
	if _, err := d.sound.Write(append(tones[header:], silence...)); err != nil {
		d.t.Fatal(err)
	}
}

// TestDirewolfIsALinkLikeAnyOther runs packets as sound through a real Direwolf and
// reads the arrival that one of them tells over its KISS port.
func TestDirewolfIsALinkLikeAnyOther(t *testing.T) {
	t.Parallel()
	d := newDirewolf(t)
	s := sitetest.New(t)
	s.Configure(fmt.Sprintf("  - {id: tnc, kind: tcp, protocol: kiss, address: \"127.0.0.1:%d\"}\n", d.port))
	s.AddUnit("{id: orari-1, call_sign: ORARI 1, agency: ORARI, devices: [\"aprs:YB1ZZZ-9\"]}")
	s.Start()
	s.AwaitLink("tnc", func(l sitetest.Link) bool { return l.State == "up" })
	events := s.Events("")
	var in struct {
		ID string `json:"id"`
	}
	s.Post("/incidents", map[string]any{"category": "fire", "location": map[string]float64{"lat": -6.8364, "lon": 108.2274}}, &in)
	s.Post("/incidents/"+in.ID+"/dispatch", map[string]any{"units": []string{"orari-1"}}, nil)
	d.transmit("YB1ZZZ-9>APRS,WIDE1-1:!0649.96S/10813.66E>088/036\nYB1ZZZ-9>APRS:>TIBA di lokasi\n")
	fix := s.Await(events, "fix over the air", func(u sitetest.Update) bool { return u.Kind == "fix" && u.Unit == "orari-1" })
	arrival := s.Await(events, "arrival by status text", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })
	if arrival.Milestone.Evidence != "key" || arrival.Milestone.Report == "" || fix.Report == "" {
		t.Errorf("%+v", arrival)
	}
	// The same text in the next beacon is no second press.
	d.transmit("YB1ZZZ-9>APRS:>TIBA di lokasi \nYB1ZZZ-9>APRS:>SELESAI\n")
	s.Await(events, "completion", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "completed" })
	s.AwaitLink("tnc", func(l sitetest.Link) bool {
		return l.Frames >= 4 && l.LastHeard != nil && time.Since(*l.LastHeard) < time.Minute
	})
	s.Stop()
}
