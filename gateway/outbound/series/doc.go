// Package series is the sink that keeps the time series: it has telemetry's follower write
// points, sets aside what the store refuses for good, and says how the store stands and how
// the links stood.
//
// Stage: update → **series** → point → store.
package series
