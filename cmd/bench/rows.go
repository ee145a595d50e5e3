package main

import "cmp"

// row is one line of the table: what is measured, beside whom, and what is asked.
type row struct {
	// Name is what ONLY selects.
	Name    string `json:"name"`
	Measure string `json:"measure"`
	Unit    string `json:"unit"`
	Peer    string `json:"peer"`
	// AtLeast or AtMost is what the ratio, ours to theirs, has to be; the other is 0.
	AtLeast float64 `json:"at_least,omitzero"`
	AtMost  float64 `json:"at_most,omitzero"`
	// Package and Benchmark are where it is in the tree.
	Package   string `json:"package"`
	Benchmark string `json:"benchmark"`
	// Needs are commands without which the row cannot be measured.
	Needs []string `json:"needs,omitzero"`
	// Pairs at most; a row that takes long is repeated less.
	Pairs int `json:"-"`
}

// rows are in the order in which they are run and listed.
var rows = []row{
	{
		Name: "aprs", Measure: "APRS packets, whole command with output", Unit: "packets/CPU s", Peer: "Direwolf decode_aprs",
		AtLeast: 2, Package: "./cmd/htgateway", Benchmark: "BenchmarkBesideDirewolf", Needs: []string{"decode_aprs"},
	},
	{
		Name: "aprs-decoder", Measure: "APRS packets, decoder alone", Unit: "packets/CPU s", Peer: "Direwolf decode_aprs",
		AtLeast: 10, Package: "./cmd/htgateway", Benchmark: "BenchmarkDecoderBesideDirewolf", Needs: []string{"decode_aprs"},
	},
	{
		Name: "nmea", Measure: "NMEA sentences, whole command with output", Unit: "sentences/CPU s", Peer: "gpsd gpsdecode",
		AtLeast: 2, Package: "./cmd/htgateway", Benchmark: "BenchmarkBesideGpsd", Needs: []string{"gpsdecode"},
	},
	{
		Name: "judge", Measure: "one fix judged against 100 open incidents", Unit: "ns", Peer: "ten bare orb/geo distances",
		AtMost: 1, Package: "./gateway/incident/tracker", Benchmark: "BenchmarkJudgeBesideDistances",
	},
	{
		Name: "line", Measure: "line protocol, points encoded", Unit: "points/s", Peer: "influxdb-client-go's encoder",
		AtLeast: 1.5, Package: "./telemetry/influx", Benchmark: "BenchmarkLineBesideClient",
	},
	{
		Name: "latency", Measure: "last byte on the pty to event, p99 at 100 reports/s", Unit: "ms", Peer: "the frame's time on the wire at 9600 baud",
		AtMost: 0.1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkPtyToEvent",
	},
	{
		Name: "readers", Measure: "report to event, p99 of 180 healthy of 200 readers, 20 stalled", Unit: "ms", Peer: "the same with none stalled",
		AtMost: 1.2, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkStalledReaders",
	},
	{
		Name: "truth", Measure: "arrivals within 45 s of the truth, 20 % of bursts lost, clocks off by up to 5 min", Unit: "%", Peer: "what is asked",
		AtLeast: 1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkTruth", Pairs: 1,
	},
	{
		Name: "broker", Measure: "MQTT QoS 1 acknowledged, 20 clients, synced to disk", Unit: "messages/s", Peer: "Mosquitto without disk",
		Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkBrokerBesideMosquitto", Needs: []string{"mosquitto"}, Pairs: 3,
	},
	{
		Name: "transport", Measure: "MQTT QoS 1 to disk to InfluxDB, broker included", Unit: "messages/s", Peer: "Mosquitto and Telegraf, buffer on disk",
		AtLeast: 2, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkTransportBesideTelegraf", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 2,
	},
	{
		Name: "transport-memory", Measure: "the same", Unit: "messages/s", Peer: "Mosquitto and Telegraf without a disk",
		Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkTransportBesideTelegrafInMemory", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 2,
	},
	{
		Name: "transport-link", Measure: "the same as a client of a Mosquitto", Unit: "messages/s", Peer: "Telegraf, buffer on disk",
		Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkLinkBesideTelegraf", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 1,
	},
	{
		Name: "cpu", Measure: "CPU at 1,000 reports/s", Unit: "% of a core", Peer: "Mosquitto and Telegraf, buffer on disk",
		AtMost: 1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkCPUBesideTelegraf", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 2,
	},
	{
		Name: "cpu-memory", Measure: "the same", Unit: "% of a core", Peer: "Mosquitto and Telegraf without a disk",
		AtMost: 1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkCPUBesideTelegrafInMemory", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 2,
	},
	{
		Name: "memory", Measure: "memory at rest with 1,000 units and a day of fixes", Unit: "MB", Peer: "Telegraf, buffer on disk",
		AtMost: 1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkMemoryBesideTelegraf", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 1,
	},
	{
		Name: "memory-memory", Measure: "the same", Unit: "MB", Peer: "Telegraf without a disk",
		AtMost: 1, Package: "./gateway/sitetest/measures", Benchmark: "BenchmarkMemoryBesideTelegrafInMemory", Needs: []string{"mosquitto", "telegraf", "influxd"}, Pairs: 1,
	},
}

// pairs is how often to run the row when so many are asked for.
func (r row) pairs(asked int) int { return min(asked, cmp.Or(r.Pairs, asked)) }

// met tells whether a ratio is what the row asks; a row that asks nothing is met.
func (r row) met(ratio float64) bool {
	return (r.AtLeast == 0 || ratio >= r.AtLeast) && (r.AtMost == 0 || ratio <= r.AtMost)
}
