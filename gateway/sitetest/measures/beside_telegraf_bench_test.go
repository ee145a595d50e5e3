package measures

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"htgateway/devices/transport/mqttclient/mosquittotest"
	"htgateway/gateway/sitetest"
	"htgateway/telemetry/influx/influxtest"
)

// Telegraf carries readings from a broker to InfluxDB, as the gateway does besides
// everything else. Here both are given the same reports by the same clients.

// transport is something that takes reports over MQTT and brings them to InfluxDB.
type transport struct {
	name      string
	broker    string // where reports are published
	processes []int
	database  string
}

// ourBroker is the gateway with its own broker, with these units on its roster.
func ourBroker(b *testing.B, server *influxtest.Server, units []string) transport {
	b.Helper()
	t, s := gatewayTo(b, server, units, "")
	t.broker = s.Broker
	return t
}

// ourLink is the gateway as a client of a Mosquitto.
func ourLink(b *testing.B, server *influxtest.Server, units []string) transport {
	b.Helper()
	broker := openMosquitto(b)
	t, s := gatewayTo(b, server, units, fmt.Sprintf("  - {id: county, kind: mqtt, broker: \"tcp://%s\", client_id: htgateway, topics: [\"htgateway/devices/+/report\"]}\n", broker.Addr))
	s.AwaitLink("county", func(l sitetest.Link) bool { return l.State == "up" })
	t.broker, t.name = broker.Addr, "gateway and mosquitto"
	return t
}

func gatewayTo(b *testing.B, server *influxtest.Server, units []string, link string) (transport, *sitetest.Site) {
	b.Helper()
	bucket := server.Bucket(b)
	s := sitetest.New(b, units...)
	s.Configure(link)
	s.ReplaceConfig(`users_file: users}}`, `allow_anonymous: true, device_rate: 1000000, device_burst: 1000000}}`)
	s.Configure(fmt.Sprintf("telemetry: {store: influx, influx: {url: %q, bucket: %q, token_file: influx-token}}\n", server.URL, bucket))
	if err := os.WriteFile(filepath.Join(s.Dir, "influx-token"), nil, 0o600); err != nil {
		b.Fatal(err)
	}
	s.Start()
	return transport{name: "gateway", processes: []int{s.Cmd.Process.Pid}, database: databaseOf(bucket)}, s
}

func databaseOf(bucket string) string {
	database, _, _ := strings.Cut(bucket, "/")
	return database
}

func openMosquitto(b *testing.B) *mosquittotest.Broker {
	b.Helper()
	return mosquittotest.StartWith(b, mosquittotest.Options{Anonymous: true, Volatile: true, Unhurried: true})
}

// telegrafConfig has Telegraf lose nothing: a persistent session, whose messages it
// acknowledges when InfluxDB or its buffer on disk has them. Batches are as large as
// InfluxData advises, and the broker need not wait for acknowledgements.
const telegrafConfig = `
[agent]
interval = "1s"
flush_interval = "100ms"
metric_batch_size = 5000
metric_buffer_limit = 2000000
buffer_strategy = %q
buffer_directory = %q
omit_hostname = true
quiet = true
[[inputs.mqtt_consumer]]
servers = ["tcp://%s"]
topics = ["htgateway/devices/+/report"]
topic_tag = "unit"
qos = 1
persistent_session = true
client_id = "telegraf"
max_undelivered_messages = 10000
data_format = "json"
json_time_key = "time"
json_time_format = "2006-01-02T15:04:05Z07:00"
name_override = "unit_fix"
[[outputs.influxdb_v2]]
urls = [%q]
bucket = %q
organization = ""
token = ""
`

// onDisk is a Mosquitto and Telegraf as its client, with its buffer on disk.
func onDisk(b *testing.B, server *influxtest.Server, _ []string) transport {
	b.Helper()
	return telegrafOf(b, server, "disk_write_through")
}

// inMemory is the same without a disk.
func inMemory(b *testing.B, server *influxtest.Server, _ []string) transport {
	b.Helper()
	return telegrafOf(b, server, "memory")
}

func telegrafOf(b *testing.B, server *influxtest.Server, buffer string) transport {
	b.Helper()
	path := os.Getenv("HTGATEWAY_TELEGRAF")
	if path == "" {
		b.Fatal("this benchmark needs Telegraf: set HTGATEWAY_TELEGRAF to what .ci/telegraf.sh prints")
	}
	broker, bucket, dir := openMosquitto(b), server.Bucket(b), b.TempDir()
	file := filepath.Join(dir, "telegraf.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, telegrafConfig, buffer, dir, broker.Addr, server.URL, bucket), 0o600); err != nil {
		b.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "telegraf.log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = log.Close() })
	cmd := exec.Command(path, "--config", file)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	t := transport{name: "telegraf", broker: broker.Addr, processes: []int{cmd.Process.Pid, broker.Process()}, database: databaseOf(bucket)}
	// It has subscribed once the first reading comes through.
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); t.stored(b, server) == 0; {
		t.publish(b, []string{"hello"}, 1, 0)
		select {
		case <-tick.C:
		case <-deadline:
			said, _ := os.ReadFile(log.Name())
			b.Fatalf("telegraf brings nothing: %s", said)
		}
	}
	t.await(b, server, func(n int) bool { return n > 0 })
	return t
}

// stored asks InfluxDB how many fixes it has of the units.
func (t transport) stored(b *testing.B, server *influxtest.Server) int {
	b.Helper()
	resp, err := http.Get(server.URL + "/query?" + url.Values{"db": {t.database}, "q": {"SELECT count(lat) FROM unit_fix"}}.Encode())
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Results []struct {
			Series []struct{ Values [][]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		b.Fatal(err)
	}
	if len(answer.Results) == 0 || len(answer.Results[0].Series) == 0 {
		return 0
	}
	n, _ := answer.Results[0].Series[0].Values[0][1].(float64)
	return int(n)
}

// await asks until the number stored is enough.
func (t transport) await(b *testing.B, server *influxtest.Server, enough func(n int) bool) {
	b.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	last, grew := -1, time.Now()
	for {
		n := t.stored(b, server)
		if enough(n) {
			return
		}
		if n != last {
			last, grew = n, time.Now()
		}
		if time.Since(grew) > time.Minute {
			b.Fatalf("%s: the store stands at %d", t.name, n)
		}
		<-tick.C
	}
}

// publish has twenty clients publish each unit's reports, one of each unit in turn,
// and returns when all are acknowledged. perSecond 0 is as fast as it goes.
func (t transport) publish(b *testing.B, units []string, each int, perSecond float64) {
	b.Helper()
	clients := min(20, len(units))
	began := time.Now()
	var wg sync.WaitGroup
	for c := range clients {
		var mine []string
		for i := c; i < len(units); i += clients {
			mine = append(mine, units[i])
		}
		conn := enterAs(b, t.broker, fmt.Sprintf("%s-%d-%d", t.name, began.UnixNano(), c), "")
		wg.Go(func() {
			defer conn.Close()
			pause := time.Duration(0)
			if perSecond > 0 {
				pause = time.Duration(float64(time.Second) * float64(clients) / perSecond)
			}
			if err := publishAll(conn, mine, each, pause); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// publishAll publishes fixes that lie five minutes apart, up to now.
func publishAll(c net.Conn, units []string, each int, pause time.Duration) error {
	first := time.Now().Add(-time.Duration(each) * 5 * time.Minute)
	return publishQoS1(c, len(units)*each, sitetest.InFlight, pause, func(n int) (topic string, payload []byte) {
		unit, round := units[n%len(units)], n/len(units)
		return "htgateway/devices/" + unit + "/report", fmt.Appendf(nil, `{"time":%q,"lat":%.6f,"lon":%.6f,"accuracy_m":8,"speed_mps":9.4,"seq":%d}`,
			first.Add(time.Duration(round)*5*time.Minute).UTC().Format(time.RFC3339), -6.8364+float64(round%100)*1e-4, 108.2274+float64(n%len(units))*1e-4, round)
	})
}

// carry publishes reports and returns how many a second came into the store.
func (t transport) carry(b *testing.B, server *influxtest.Server, units []string, each int, perSecond float64) float64 {
	b.Helper()
	before, began := t.stored(b, server), time.Now()
	t.publish(b, units, each, perSecond)
	total := len(units) * each
	t.await(b, server, func(n int) bool { return n-before >= total })
	return float64(total) / time.Since(began).Seconds()
}

// cpu is what the transport's processes have used so far, in seconds.
func (t transport) cpu(b *testing.B) float64 {
	b.Helper()
	ticks := 0.0
	for _, pid := range t.processes {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			b.Fatal(err)
		}
		// After the name in brackets: state, then fields 4 on; 14 and 15 are user and
		// system time in hundredths of a second (proc(5)).
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, f := range fields[11:13] {
			n, err := strconv.ParseFloat(f, 64)
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return ticks / 100
}

func thousandUnits() []string { return sitetest.DeviceNames(1000) }

type contestant func(*testing.B, *influxtest.Server, []string) transport

func besides(b *testing.B, ours, theirs contestant, figure func(transport, *testing.B, *influxtest.Server) float64) {
	b.Helper()
	for _, c := range []struct {
		metric string
		open   contestant
	}{{"ours", ours}, {"theirs", theirs}} {
		server := influxtest.Start(b)
		b.ReportMetric(figure(c.open(b, server, thousandUnits()), b, server), c.metric)
	}
}

// reportsEach is how many reports of each of the thousand units a rate is taken over.
const reportsEach = 10

func BenchmarkTransportBesideTelegraf(b *testing.B) {
	besides(b, ourBroker, onDisk, func(t transport, b *testing.B, server *influxtest.Server) float64 {
		return t.carry(b, server, thousandUnits(), reportsEach, 0)
	})
}

func BenchmarkTransportBesideTelegrafInMemory(b *testing.B) {
	besides(b, ourBroker, inMemory, func(t transport, b *testing.B, server *influxtest.Server) float64 {
		return t.carry(b, server, thousandUnits(), 3*reportsEach, 0)
	})
}

func BenchmarkLinkBesideTelegraf(b *testing.B) {
	besides(b, ourLink, onDisk, func(t transport, b *testing.B, server *influxtest.Server) float64 {
		return t.carry(b, server, thousandUnits(), reportsEach, 0)
	})
}

// BenchmarkCPUBesideTelegraf is in percent of a core. With Telegraf counts the broker
// that it needs.
func BenchmarkCPUBesideTelegraf(b *testing.B) {
	besides(b, ourBroker, onDisk, transport.busy)
}

func BenchmarkCPUBesideTelegrafInMemory(b *testing.B) {
	besides(b, ourBroker, inMemory, transport.busy)
}

// busy is how much of a core the transport needs for a thousand reports a second.
func (t transport) busy(b *testing.B, server *influxtest.Server) float64 {
	b.Helper()
	const perSecond = 1000
	before := t.cpu(b)
	t.carry(b, server, thousandUnits(), reportsEach, perSecond)
	return (t.cpu(b) - before) / (reportsEach * 1000 / perSecond) * 100
}

// BenchmarkMemoryBesideTelegraf: a day of fixes is one every five minutes of each of
// a thousand units; what counts is resident memory at rest when all are stored, with us
// of broker and all, with Telegraf of itself.
func BenchmarkMemoryBesideTelegraf(b *testing.B) {
	besides(b, ourBroker, onDisk, transport.holding)
}

func BenchmarkMemoryBesideTelegrafInMemory(b *testing.B) {
	besides(b, ourBroker, inMemory, transport.holding)
}

// holding is what is resident with a day of fixes: the least of half a minute in which
// nothing comes, in MB. The most is reported too.
func (t transport) holding(b *testing.B, server *influxtest.Server) float64 {
	b.Helper()
	t.carry(b, server, thousandUnits(), 24*60/5, 0)
	most := residentMB(b, t.processes[0])
	least := most
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for range 30 {
		<-tick.C
		least = min(least, residentMB(b, t.processes[0]))
	}
	b.Logf("%s: %.0f MB when the last was stored, %.0f MB at rest", t.name, most, least)
	return least
}

// BenchmarkBrokerBesideMosquitto: twenty clients with up to a hundred messages
// unacknowledged each, acknowledged messages a second.
func BenchmarkBrokerBesideMosquitto(b *testing.B) {
	const clients, each = 20, 2000
	names := sitetest.DeviceNames(clients)
	s := sitetest.New(b, names...)
	s.ReplaceConfig(`users_file: users}}`, `users_file: users, device_rate: 1000000, device_burst: 1000000}}`)
	s.Start()
	defer s.Kill()
	b.ReportMetric(load(b, s.Broker, names, each, 100, 0), "ours")
	broker := mosquittotest.StartWith(b, mosquittotest.Options{Users: names, Volatile: true})
	b.ReportMetric(load(b, broker.Addr, names, each, 100, 0), "theirs")
}
