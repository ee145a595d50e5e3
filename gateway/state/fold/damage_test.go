package fold

import (
	"slices"
	"testing"
)

func TestGenerationNamesWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		generation string
		entries    []uint64
		is         bool
	}{
		{"3f2a", nil, true},
		{"3f2a!5", []uint64{5}, true},
		{"3f2a!5!17", []uint64{5, 17}, true},
		{"3f2a9", nil, false}, // of other settings, as are those below
		{"", nil, false},
		{"3f2a!", nil, false},
		{"3f2a!five", nil, false},
	} {
		entries, is := excludedEntries(c.generation, "3f2a")
		if !slices.Equal(entries, c.entries) || is != c.is {
			t.Errorf("%q: %v, %v", c.generation, entries, is)
		}
		if is && hashWithout("3f2a", entries) != c.generation {
			t.Errorf("%q becomes %q", c.generation, hashWithout("3f2a", entries))
		}
	}
}
