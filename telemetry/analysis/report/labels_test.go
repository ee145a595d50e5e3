package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"
)

// TestLabelsDoNotOverlap: as many districts as a county has, close together.
func TestLabelsDoNotOverlap(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(12, 13))
	for range 50 {
		var labels []label
		for i := range 26 {
			labels = append(labels, label{200 + r.IntN(300), 60 + r.IntN(450), fmt.Sprintf("Kecamatan %d 1:02:10 (%d)", i, r.IntN(5000))})
		}
		was := slices.Clone(labels)
		spread(labels)
		for i, a := range labels {
			if a.Text != was[i].Text || max(a.Y-was[i].Y, was[i].Y-a.Y) > mostShifted*labelHigh {
				t.Fatalf("%v became %v", was[i], a)
			}
			for _, b := range labels[:i] {
				wide := letterWide * float64(utf8.RuneCountInString(a.Text)+utf8.RuneCountInString(b.Text)) / 2
				if max(a.Y-b.Y, b.Y-a.Y) < labelHigh && float64(max(a.X-b.X, b.X-a.X)) < wide {
					t.Fatalf("%v lies over %v", a, b)
				}
			}
		}
	}
}
