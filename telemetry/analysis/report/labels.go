package report

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Measures of the map's labels in pixels; a letter is as wide as most are.
const (
	labelHigh   = 11
	letterWide  = 5.4
	mostShifted = 12 // lines that a label may be moved by
)

// spread moves the labels of a map up or down until none lies over another, each as
// little as that takes, and into the map from its sides.
func spread(labels []label) {
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(labels[a].Y, labels[b].Y) })
	var placed []label
	half := func(l label) int { return int(letterWide*float64(utf8.RuneCountInString(l.Text)))/2 + 2 }
	free := func(l label) bool {
		return !slices.ContainsFunc(placed, func(o label) bool {
			return max(l.Y-o.Y, o.Y-l.Y) < labelHigh && max(l.X-o.X, o.X-l.X) < half(l)+half(o)
		})
	}
	for _, i := range order {
		l := labels[i]
		l.X = max(half(l), min(mapWidth-half(l), l.X))
		at := l.Y
		for step := 0; step <= 2*mostShifted; step++ {
			// 0, down one, up one, down two …
			shift := (step + 1) / 2
			if step%2 == 0 {
				shift = -shift
			}
			if l.Y = at + shift*labelHigh; l.Y >= labelHigh && free(l) {
				break
			}
		}
		labels[i] = l
		placed = append(placed, l)
	}
}
