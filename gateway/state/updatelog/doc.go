// Package updatelog keeps the updates that the tracker gave out, in order, so
// that every sink (series, event stream, MQTT) follows at its own pace and
// resumes where it was. It is a fold of the journal: it can be thrown away and
// made again, so it does not sync each write, and writes a moment later than it tells.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks.
package updatelog
