// Package analysis makes response-time figures of points: how many, median, 90th
// percentile and share within the target, by category, agency, unit, district or
// time of the call. It is pure but for [Read] and [ReadSurvey], which take incidents
// from a store.
//
// What is counted, and why so:
//
//   - A period holds the incidents whose call was received in it, with all their
//     intervals, also those that ended later. So the figures of a month do not
//     depend on when the last unit came home.
//   - Hour, weekday and month are those of the call, in local time.
//   - Percentiles are taken of the single measured values, never of other
//     percentiles or means.
//   - A stage that was skipped gives no interval; it is counted as left out with
//     the reason, and never as zero. Superseded points are never counted.
//
// Stage: series → **analysis** → report.
package analysis
