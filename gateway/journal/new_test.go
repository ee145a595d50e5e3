package journal_test

import (
	"testing"
	"time"

	"htgateway/devices"
	"htgateway/gateway/journal"
)

// TestFollowersAreGivenWhatWasEncoded: without decoding it, unless that would not be
// the same.
func TestFollowersAreGivenWhatWasEncoded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		report devices.Report
		given  bool
		text   string
	}{
		{devices.Report{Text: "selesai"}, true, "selesai"},
		{devices.Report{Text: "rusak \xff"}, false, "rusak \uFFFD"},
		{devices.Report{Text: "x", Presence: &devices.Presence{Detail: "\xff"}}, false, "x"},
	} {
		rec, err := journal.NewRecord(journal.KindReport, "a", time.Now(), &c.report)
		if err != nil {
			t.Fatal(err)
		}
		got, err := journal.Decode[devices.Report](journal.Entry{Record: rec}.WithDecodeCache())
		if err != nil || got.Text != c.text || (got == &c.report) != c.given {
			t.Errorf("%+v: given %+v, the same %v, error %v", c.report, got, got == &c.report, err)
		}
	}
}

func TestIDIsReadBackFromItsText(t *testing.T) {
	t.Parallel()
	m := journal.Hash("fleetsync:100-1001", "13")
	if journal.HashID(journal.FormatID(m)) != m || journal.FormatID(m) != journal.Digest("fleetsync:100-1001", "13") {
		t.Errorf("%x is read back as %x", m, journal.HashID(journal.FormatID(m)))
	}
	if a, b := journal.HashID("act-1"), journal.HashID("act-2"); a == b {
		t.Error("two other texts have one mark")
	}
}
