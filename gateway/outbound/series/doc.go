// Package series is the sink that keeps the time series: it has telemetry's follower write
// points, sets aside what the store refuses for good, and says how the store stands and how
// the links stood.
//
// Flow: … → tracker → update → sinks; series is the one that everything in the reports of
// response times comes through.
package series
