package analysis

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident/sop"
	"htgateway/geo"
)

// TestRankSumAgainstAllOrders: for small samples the probability can be counted out,
// by trying every way in which the values may have been dealt. The approximation is
// the better the smaller it is.
func TestRankSumAgainstAllOrders(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		n, m := 5+r.IntN(3), 5+r.IntN(3)
		all := make([]int64, n+m)
		for i := range all {
			all[i] = r.Int64N(30) // with ties
		}
		a, b := slices.Clone(all[:n]), slices.Clone(all[n:])
		slices.Sort(a)
		slices.Sort(b)
		sorted := slices.Sorted(slices.Values(all))
		rank := func(v int64) float64 { // the middle of its ties
			first, _ := slices.BinarySearch(sorted, v)
			last := first
			for ; last < len(sorted) && sorted[last] == v; last++ {
			}
			return float64(first+last+1) / 2
		}
		ranks := make([]float64, len(all))
		observed, middle := 0.0, float64(n*(n+m+1))/2
		for i, v := range all {
			ranks[i] = rank(v)
			if i < n {
				observed += ranks[i]
			}
		}
		as, total := 0, 0
		for set := range 1 << (n + m) {
			sum, size := 0.0, 0
			for i := range all {
				if set>>i&1 == 1 {
					sum, size = sum+ranks[i], size+1
				}
			}
			if size == n {
				total++
				if math.Abs(sum-middle) >= math.Abs(observed-middle)-1e-9 {
					as++
				}
			}
		}
		if exact, got := float64(as)/float64(total), rankSum(a, b); math.Abs(exact-got) > 0.01+exact/12 {
			t.Errorf("%v against %v: %.4f, counted out %.4f", a, b, got, exact)
		}
	}
	for _, c := range [][2][]int64{{nil, {1}}, {{1}, nil}, {{2, 2, 2}, {2, 2}}} {
		if p := rankSum(c[0], c[1]); p != 1 {
			t.Errorf("%v: %v", c, p)
		}
	}
}

// TestExactSharesOfFisher: his own example (The Design of Experiments, chapter 2),
// 3 of 4 cups against 1 of 4: (16+16+1+1)/70.
func TestExactSharesOfFisher(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, ofA, b, ofB int
		want           float64
	}{
		{3, 4, 1, 4, 34.0 / 70}, {4, 4, 0, 4, 2.0 / 70}, {2, 4, 2, 4, 1}, {0, 0, 1, 2, 1}, {5, 5, 7, 7, 1},
	} {
		if got := exactShares(c.a, c.ofA, c.b, c.ofB); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%d/%d against %d/%d: %v, want %v", c.a, c.ofA, c.b, c.ofB, got, c.want)
		}
	}
	if p := exactShares(45_000, 50_000, 45_200, 50_000); p < 0.025 || p > 0.04 { // z = 2.12
		t.Errorf("large counts: %v", p)
	}
}

func TestHolm(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprintf("%.3f", holm([]float64{0.01, 0.04, 0.03, 0.005})); got != "[0.030 0.060 0.060 0.020]" {
		t.Error(got)
	}
}

// month makes incidents of one category each half hour, with arrivals around so
// many minutes.
func month(c *county, from time.Time, category string, n, arrives int, r *rand.Rand) {
	for i := range n {
		at := from.Add(time.Duration(i) * 30 * time.Minute)
		scene := arrives + r.IntN(9) - 4
		c.add(fmt.Sprintf("%s-%s-%d", category, from.Format("0102"), i), category, "Kadipaten", at, scene+40, way{"D1", "damkar", 1, 2, scene, scene + 30})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	var c county
	r := rand.New(rand.NewPCG(5, 6))
	october, november := time.Date(2026, 10, 1, 0, 0, 0, 0, geo.WIB()), time.Date(2026, 11, 1, 0, 0, 0, 0, geo.WIB())
	for _, m := range []struct {
		from                 time.Time
		fire, health, rescue int // how long until arrival
	}{{october, 15, 12, 10}, {november, 10, 12, 10}} {
		month(&c, m.from, "fire", 60, m.fire, r)
		month(&c, m.from, "health", 60, m.health, r)
		month(&c, m.from, "rescue", 4, m.rescue, r)
	}
	month(&c, november, "disaster", 6, 10, r) // none in October
	read := func(from time.Time) *Record {
		record, err := Read(t.Context(), c, Scope{From: from, To: from.AddDate(0, 1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		return record
	}
	survey := func(r *Record) Survey {
		s, err := r.Survey(Options{By: ByCategory, Plan: sop.DefaultPlan()}, false)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	now, then := read(november), read(october)
	got, err := survey(now).Compare(survey(then))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Verdict{"fire": Less, "health": Chance, "rescue": TooFew, "disaster": TooFew}
	for _, k := range got.Rows {
		if k.Interval != sop.Response {
			continue
		}
		if k.Times.Verdict != want[k.Group] {
			t.Errorf("%s: %+v", k.Group, k.Times)
		}
		if k.Group == "disaster" {
			if k.MedianS != nil || k.Then.Count != 0 || k.Now.Count != 6 {
				t.Errorf("disaster: %+v", k)
			}
			continue
		}
		if diff := *k.Now.MedianS - *k.Then.MedianS; *k.MedianS != diff {
			t.Errorf("%s: change %v, not %v", k.Group, *k.MedianS, diff)
		}
		// What was printed before is what is compared.
		figures, err := now.Figures(Options{By: ByCategory, Plan: sop.DefaultPlan()})
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(figures.Rows, func(r Row) bool { return r.Group == k.Group && r.Interval == k.Interval }); *figures.Rows[i].P90S != *k.Now.P90S {
			t.Errorf("%s: other figures", k.Group)
		}
	}
	// The other way round everything is the other way round.
	back, err := survey(then).Compare(survey(now))
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range back.Rows {
		if o := got.Rows[i]; k.Times.Verdict == More != (o.Times.Verdict == Less) || k.Times.P != nil && math.Abs(*k.Times.P-*o.Times.P) > 1e-9 {
			t.Errorf("%s %s: %+v and back %+v", k.Group, k.Interval, o.Times, k.Times)
		}
	}
	for _, bad := range []struct {
		a, b Scope
		by   By
		want string
	}{
		{Scope{From: october}, Scope{From: november}, ByCategory, "overlap"},
		{Scope{From: october, To: november}, Scope{}, ByCategory, "overlap"},
		{Scope{From: november}, Scope{From: october, To: november}, ByMonth, "do not pair"},
	} {
		if err := CheckPeriods(bad.by, bad.a, bad.b); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
