package analysis_test

import (
	"fmt"

	"htgateway/telemetry/analysis"
)

// The 90th percentile of twelve turnouts in seconds is one of them, the eleventh.
func ExampleNearestRank() {
	turnouts := []float64{41, 48, 52, 55, 58, 60, 63, 66, 71, 80, 95, 310}
	fmt.Println(analysis.Median(turnouts), analysis.NearestRank(turnouts, 90))
	// Output: 61.5 95
}
