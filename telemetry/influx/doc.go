// Package influx keeps the series in InfluxDB through its v2 API: version 2 and
// later, and 1.8 with flux-enabled, where the bucket is "database/retention
// policy" and the token "user:password".
//
// It writes with the client's blocking calls only, under the follower's cursor:
// the client's own queue drops what waits too long. Where two points have one
// identity InfluxDB merges their fields; the points of milestones and intervals
// always have the same fields, so that the later one replaces the earlier.
//
// Stage: telemetry → **influx** → reports, Grafana.
package influx
