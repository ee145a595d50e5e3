// Package influxtest runs a real InfluxDB server for tests.
//
// Flow: … → update → sinks; in tests influxtest is what the telemetry sink writes to.
package influxtest
