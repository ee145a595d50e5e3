// Package telemetrytest is the contract of a telemetry.Store as a test. Every
// store passes it.
//
// Flow: … → update → sinks; telemetrytest holds both ends of the telemetry sink to the
// same, in tests only.
package telemetrytest
