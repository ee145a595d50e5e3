package analysis

import "math"

// The methods by which a median and a percentile are taken, as every report
// names them.
const (
	MedianMethod     = "middle value, or the mean of the two in the middle"
	PercentileMethod = "nearest rank: the smallest measured value that at least 90 % of all do not exceed"
)

// Median of sorted values: the middle one, or the mean of the two in the middle.
// It is NaN of nothing.
func Median(sorted []float64) float64 {
	n := len(sorted)
	switch {
	case n == 0:
		return math.NaN()
	case n%2 == 1:
		return sorted[n/2]
	}
	return sorted[n/2-1] + (sorted[n/2]-sorted[n/2-1])/2
}

// NearestRank is the smallest of sorted values that at least so many per cent of
// them do not exceed; percent is from 1 to 100. It is NaN of nothing.
func NearestRank(sorted []float64, percent int) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := (percent*len(sorted) + 99) / 100 // rounded up, without floating point
	return sorted[max(rank, 1)-1]
}
