package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
)

// withoutTime is a phone's key that tells no time of its own.
func withoutTime(device devices.Identity, n int, at time.Duration, redelivered bool) intake.Heard {
	return intake.Heard{Frame: devices.Frame{Raw: []byte(`{"status":"on_scene"}`), Report: devices.Report{
		Protocol: devices.FieldJSON, Device: device, Kind: devices.KindStatus, Status: devices.StatusOnScene,
		ReceivedAt: start.Add(at), Delivery: fmt.Sprintf("mqtt:%s/%d", device, n),
	}}, Link: "mqtt", Redelivered: redelivered}
}

// traffic appends so many positions of a phone to a journal.
func traffic(t *testing.T, j *sqlite.Journal, from, n int) {
	t.Helper()
	records := make([]journal.Record, 0, n)
	for i := range n {
		r := devices.Report{ID: fmt.Sprint("f", from+i), Protocol: devices.FieldJSON, Kind: devices.KindPosition, Device: "field:x", ReceivedAt: start, DeviceTime: start, Delivery: fmt.Sprint("mqtt:x/", from+i)}
		rec, err := journal.NewRecord(journal.KindReport, r.ID, start, &r)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, rec)
	}
	if _, err := j.Append(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
}

func recalled(t *testing.T, j intake.Journal, path string) *intake.Intake {
	t.Helper()
	in := newIntake(j)
	in.CheckpointIn(path)
	if err := in.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	return in
}

func takeAll(t *testing.T, in *intake.Intake, heard ...intake.Heard) {
	t.Helper()
	for _, h := range heard {
		if err := in.Take(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRestartMakesNoPresses: after a restart an unmoved dial is no press, and a message
// that is delivered again no new report, however much came since, and in whatever state
// the checkpoint is.
func TestRestartMakesNoPresses(t *testing.T) {
	t.Parallel()
	before := []intake.Heard{
		dial("a", "special", -time.Hour), dial("a", "committed", 0), packet("a", "YB1ZZZ>APRS:>TIBA", 0),
		withoutTime("field:a", 1, time.Second, false), withoutTime("field:b", 1, 2*time.Second, false),
	}
	after := []intake.Heard{
		dial("a", "committed", time.Minute), packet("a", "YB1ZZZ>APRS:>TIBA", time.Minute),
		withoutTime("field:a", 1, time.Minute, true), withoutTime("field:b", 1, time.Minute, true), withoutTime("field:b", 2, 2*time.Minute, false),
	}
	want := []string{"-1h0m0s completed", "0s on_scene", "0s on_scene", "1s on_scene", "2m0s on_scene", "2s on_scene"}
	write := func(content string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			t.Helper()
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		// checkpoints are written, and spoil is what becomes of the file.
		checkpoints int
		spoil       func(*testing.T, string)
		// since is how many reports came after that.
		since int
	}{
		{"without a checkpoint", 0, nil, 51_000},
		{"with one", 2, nil, 51_000},
		{"with an old one", 1, nil, 10},
		{"with a damaged one", 2, write("htgateway heard 1 00000000\n{}"), 10},
		{"with an empty one", 2, write(""), 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			place := t.TempDir()
			path := filepath.Join(place, "heard.state")
			j := open(t, place)
			in := recalled(t, j, path)
			takeAll(t, in, before...)
			for range c.checkpoints {
				if err := in.Checkpoint(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			traffic(t, j, 0, c.since)
			if c.spoil != nil {
				c.spoil(t, path)
			}
			takeAll(t, recalled(t, j, path), after...)
			expectAfter(t, j, want)
		})
	}
}

// expectAfter checks the presses of a journal of more entries than are read at once.
func expectAfter(t *testing.T, j *sqlite.Journal, want []string) {
	t.Helper()
	var got []string
	for e, err := range journal.All(t.Context(), j, 0) {
		if err != nil {
			t.Fatal(err)
		}
		r, err := journal.Decode[devices.Report](e)
		if err == nil && r.Status != "" {
			got = append(got, fmt.Sprintf("%s %s", r.ReceivedAt.Sub(start), r.Status))
		}
	}
	slices.Sort(got)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("presses %v, want %v", got, want)
	}
}

// TestCheckpointOfAnyInstant: whichever checkpoint a crash leaves, what is remembered is
// the same.
func TestCheckpointOfAnyInstant(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	path := filepath.Join(place, "heard.state")
	j := open(t, place)
	in := recalled(t, j, path)
	kept := map[string]bool{"": true}
	messages := []string{"committed", "special", "special", "committed", "committed", "special"}
	for i, m := range messages {
		takeAll(t, in, dial("a", m, time.Duration(i)*time.Minute), withoutTime("field:a", i, time.Duration(i)*time.Minute, false))
		if err := in.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err == nil {
			kept[string(b)] = true
		}
	}
	if len(kept) < len(messages) {
		t.Fatalf("only %d checkpoints", len(kept))
	}
	last, err := j.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for state := range kept {
		if err := os.WriteFile(path, []byte(state), 0o600); err != nil {
			t.Fatal(err)
		}
		again := recalled(t, nothingWritten{j, t}, path)
		takeAll(t, again, withoutTime("field:a", 0, time.Hour, true), withoutTime("field:a", 5, time.Hour, true))
		if l := again.Total(); l.Duplicates != 2 {
			t.Errorf("with a checkpoint of %d bytes: %+v", len(state), l)
		}
		record := &recorder{Journal: j}
		again = recalled(t, record, path)
		takeAll(t, again, dial("a", "special", time.Hour), dial("a", "committed", 2*time.Hour))
		if fmt.Sprint(record.changes) != "[unmoved moved]" {
			t.Errorf("with a checkpoint of %d bytes: %v", len(state), record.changes)
		}
	}
	if now, err := j.Last(t.Context()); err != nil || now != last {
		t.Errorf("%d entries, %v", now, err)
	}
}

// TestStandbyKnowsTheDials: a gateway that stands by follows what the other one heard, and
// takes over without presses.
func TestStandbyKnowsTheDials(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	j := open(t, place)
	leads := recalled(t, j, filepath.Join(place, "leader.state"))
	stands := recalled(t, j, filepath.Join(place, "standby.state"))
	takeAll(t, leads, dial("a", "committed", 0), withoutTime("field:a", 1, 0, false))
	if err := stands.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	takeAll(t, leads, dial("a", "special", time.Minute), withoutTime("field:a", 2, time.Minute, false))
	if err := stands.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	takeAll(t, stands, dial("a", "special", 2*time.Minute), withoutTime("field:a", 1, time.Hour, true), withoutTime("field:a", 2, time.Hour, true))
	expect(t, j, "0s on_scene", "0s on_scene", "1m0s completed", "1m0s on_scene")
}

// TestCheckpointOfAnotherJournal is not believed: a backup was restored.
func TestCheckpointOfAnotherJournal(t *testing.T) {
	t.Parallel()
	place := t.TempDir()
	path := filepath.Join(place, "heard.state")
	other := open(t, t.TempDir())
	in := recalled(t, other, path)
	takeAll(t, in, dial("a", "committed", 0), dial("a", "committed", time.Minute))
	for range 2 {
		if err := in.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	j := open(t, place)
	traffic(t, j, 0, 10)
	takeAll(t, recalled(t, j, path), dial("a", "committed", time.Hour))
	expect(t, j, "1h0m0s on_scene")
}
