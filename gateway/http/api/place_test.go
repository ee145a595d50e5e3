package api

import (
	"strings"
	"testing"
)

// FuzzLastEventID: a place is one that the log has, or there is none.
func FuzzLastEventID(f *testing.F) {
	for _, id := range []string{"g-5", "g-0", "g-", "-", "", "other-5", "g-18446744073709551615", "g--1", "g-5-5", "g-+5", "g-0x5", "g-5\n"} {
		f.Add(id, "g", uint64(7))
	}
	f.Add("g-1", "g", uint64(1<<63))
	f.Fuzz(func(t *testing.T, id, generation string, newest uint64) {
		after, err := place(id, generation, newest)
		if err == nil && (after > newest || newest-after > resumeAtMost || !strings.HasPrefix(id, generation+"-")) {
			t.Fatalf("%q gives %d of %d", id, after, newest)
		}
		if err != nil && after != 0 {
			t.Fatalf("%q is no place and gives %d", id, after)
		}
		if strings.ContainsAny(generation, "-\n") {
			return // generations are letters and digits
		}
		if of, seq, is := sequence(event("update", eventID(generation, newest), 1)); !is || of != generation || seq != newest {
			t.Fatalf("%q %d reads as %q %d", generation, newest, of, seq)
		}
	})
}
