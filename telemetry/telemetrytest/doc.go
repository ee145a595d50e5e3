// Package telemetrytest is the contract of a telemetry.Store as a test. Every
// store passes it.
//
// Stage: tool, in tests only.
package telemetrytest
