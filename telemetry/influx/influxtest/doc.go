// Package influxtest runs a real InfluxDB server for tests.
//
// Stage: tool, in tests only.
package influxtest
