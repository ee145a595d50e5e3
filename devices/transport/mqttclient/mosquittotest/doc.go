// Package mosquittotest runs a real Mosquitto broker for tests.
//
// Stage: tool, in tests only.
package mosquittotest
