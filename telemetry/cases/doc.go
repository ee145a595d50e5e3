// Package cases gathers what the points of one incident say into one small record, so
// that a year of a busy county is read in a fraction of a second. A case is derived from
// the points and never says more than they do.
//
// Stage: telemetry → **cases** → analysis.
package cases
