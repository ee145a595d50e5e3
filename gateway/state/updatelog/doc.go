// Package updatelog keeps the tracker's updates in order, so that every sink (series,
// event stream, MQTT) follows at its own pace and resumes where it was. It can be made
// again from the journal: so it does not sync each write, and hands an update to its
// followers a moment before the file has it.
//
// Stage: tracker → **updatelog** → sinks.
package updatelog
