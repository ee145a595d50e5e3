package analysis

// The methods by which a median and a percentile are taken, as every report
// names them.
const (
	MedianMethod     = "middle value, or the mean of the two in the middle"
	PercentileMethod = "nearest rank: the smallest measured value that at least 90 % of all do not exceed"
)

// middle are the two sorted values in the middle, which are the same one of an odd
// number; there must be one.
func middle(sorted []int64) (lower, upper int64) {
	half := len(sorted) / 2
	return sorted[half-1+len(sorted)%2], sorted[half]
}

// nearestRank is the smallest of sorted values that at least so many per cent of all do
// not exceed; percent is from 1 to 100, and there must be a value.
func nearestRank(sorted []int64, percent int) int64 {
	rank := (percent*len(sorted) + 99) / 100 // rounded up, without floating point
	return sorted[max(rank, 1)-1]
}
