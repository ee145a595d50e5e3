// Package telemetry turns updates into points of a time series and keeps them
// in a [Store], from which response times are computed. Writing the same
// journal twice leaves the same points.
//
// [Points] is the pure part: one update gives the points that it means. A
// [Follower] carries them from the log of updates into a Store under its own
// cursor. The stores are in sqlite (the default) and influx; analysis makes
// figures of what they hold.
//
// Stage: update → **telemetry** → series.
package telemetry
