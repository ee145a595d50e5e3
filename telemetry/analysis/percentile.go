package analysis

import (
	"math/bits"
	"slices"
)

// The methods by which a median and a percentile are taken, as every report
// names them.
const (
	MedianMethod     = "middle value, or the mean of the two in the middle"
	PercentileMethod = "nearest rank: the smallest measured value that at least 90 % of all do not exceed"
)

// middle chooses the two values in the middle, which are the same one of an odd
// number; there must be one.
func middle(values []int64) (lower, upper int64) {
	half := len(values) / 2
	upper = choose(values, half)
	if len(values)%2 == 1 {
		return upper, upper
	}
	return slices.Max(values[:half]), upper
}

// nearestRank chooses the smallest value that at least so many per cent of all do not
// exceed; percent is from 1 to 100, and there must be a value.
func nearestRank(values []int64, percent int) int64 {
	rank := (percent*len(values) + 99) / 100 // rounded up, without floating point
	return choose(values, max(rank, 1)-1)
}

// choose moves the value of a rank, counted from 0, to its place in the order: none
// before it is larger, none after it smaller. A million values need not be sorted for
// their median (Hoare's selection; where it goes badly, what is left is sorted).
func choose(values []int64, rank int) int64 {
	const few = 24
	for rounds := 2 * bits.Len(uint(len(values))); len(values) > few && rounds > 0; rounds-- {
		pivot := guess(values)
		i, j := 0, len(values)-1
		for i <= j {
			for values[i] < pivot {
				i++
			}
			for pivot < values[j] {
				j--
			}
			if i <= j {
				values[i], values[j] = values[j], values[i]
				i++
				j--
			}
		}
		switch {
		case rank <= j:
			values = values[:j+1]
		case rank >= i:
			values, rank = values[i:], rank-i
		default:
			return pivot
		}
	}
	slices.Sort(values)
	return values[rank]
}

// guess is a value that is likely near the middle: the median of three medians of
// three.
func guess(v []int64) int64 {
	ninth := len(v) / 9
	three := func(at int) int64 { return median(v[at], v[at+ninth], v[at+2*ninth]) }
	return median(three(0), three(3*ninth), three(6*ninth))
}

func median(a, b, c int64) int64 { return max(min(a, b), min(max(a, b), c)) }
