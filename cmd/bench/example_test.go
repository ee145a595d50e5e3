package main

import "fmt"

// What else runs on a machine slows a whole pair and not one of the two, so that the
// ratio of ours to theirs stays what it is.
func Example() {
	const output = `BenchmarkBesideGpsd-2  1  900 ns/op  600 ours  200 theirs
BenchmarkBesideGpsd-2  1  900 ns/op  300 ours  100 theirs
BenchmarkBesideGpsd-2  1  900 ns/op  640 ours  200 theirs
`
	pairs, err := readPairs(output, "BenchmarkBesideGpsd")
	if err != nil {
		fmt.Println(err)
		return
	}
	chosen, err := choose("nmea")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := summarise(pairs)
	fmt.Printf("%s: %.2f of %s (%.2f to %.2f), enough: %v\n", chosen[0].Name, s.Ratio, chosen[0].Peer, s.RatioLow, s.RatioHigh, chosen[0].met(s.Ratio))
	// Output: nmea: 3.00 of gpsd gpsdecode (3.00 to 3.20), enough: true
}
