package analysis

import (
	"cmp"
	"math"
	"slices"
)

// rankSum is the Mann–Whitney test of two sorted samples, two-sided: how likely a
// difference of ranks at least this large is when both come from one distribution.
// It takes the normal approximation with corrections for ties and continuity
// (Lehmann, Nonparametrics, section 1.5), good from about five values each.
// It is 1 where either is empty or all values are equal.
func rankSum(a, b []int64) float64 {
	n, m := float64(len(a)), float64(len(b))
	if n == 0 || m == 0 {
		return 1
	}
	var ranks, ties float64 // the sum of a's ranks
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		value := int64(math.MaxInt64)
		if i < len(a) {
			value = a[i]
		}
		if j < len(b) {
			value = min(value, b[j])
		}
		ofA, ofB, before := 0, 0, float64(i+j)
		for ; i < len(a) && a[i] == value; i++ {
			ofA++
		}
		for ; j < len(b) && b[j] == value; j++ {
			ofB++
		}
		t := float64(ofA + ofB)
		ranks += float64(ofA) * (before + (t+1)/2)
		ties += t*t*t - t
	}
	all := n + m
	spread := n * m / 12 * (all + 1 - ties/(all*(all-1)))
	if spread <= 0 || math.IsNaN(spread) {
		return 1
	}
	off := math.Abs(ranks - n*(all+1)/2)
	return math.Erfc(max(0, off-0.5) / math.Sqrt(2*spread))
}

// exactShares is Fisher's exact test of two shares, two-sided: the sum of the
// probabilities of all tables with these margins that are no likelier than this
// one. It is 1 where either total is 0.
func exactShares(withinA, totalA, withinB, totalB int) float64 {
	if totalA == 0 || totalB == 0 {
		return 1
	}
	all, within := totalA+totalB, withinA+withinB
	choose := func(n, k int) float64 { return logFactorial(n) - logFactorial(k) - logFactorial(n-k) }
	whole := choose(all, within)
	chance := func(k int) float64 { return choose(totalA, k) + choose(totalB, within-k) - whole }
	// What is as likely but for rounding counts as well.
	const rounding = 1e-7
	this, sum := chance(withinA)+rounding, 0.0
	for k := max(0, within-totalB); k <= min(within, totalA); k++ {
		if p := chance(k); p <= this {
			sum += math.Exp(p)
		}
	}
	return min(1, sum)
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}

// holm adjusts probabilities of one family of tests, so that the chance of even one
// false finding among them stays what the level says (Holm 1979).
func holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	out, least := make([]float64, len(ps)), 0.0
	for i, at := range order {
		least = max(least, min(1, ps[at]*float64(len(ps)-i)))
		out[at] = least
	}
	return out
}
