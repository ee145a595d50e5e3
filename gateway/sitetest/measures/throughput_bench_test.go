package measures

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"htgateway/gateway/sitetest"
	"htgateway/telemetry/influx/influxtest"
)

// BenchmarkReportsToStore streams positions from twenty phones over QoS 1 into
// the real binary: acknowledged a second, and a second until the last one is in
// the store. It also reports the memory that the gateway then has.
func BenchmarkReportsToStore(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { reportsToStore(b, "") })
	b.Run("influx", func(b *testing.B) {
		server := influxtest.Start(b)
		bucket := server.Bucket(b)
		reportsToStore(b, fmt.Sprintf("telemetry: {store: influx, influx: {url: %q, bucket: %q, token_file: influx-token}}\n", server.URL, bucket))
	})
}

func reportsToStore(b *testing.B, more string) {
	const phones, inFlight = 20, 64
	var names []string
	for i := range phones {
		names = append(names, fmt.Sprintf("psc%d", i))
	}
	s := sitetest.New(b, names...)
	s.Configure(more)
	if err := os.WriteFile(s.Dir+"/influx-token", nil, 0o600); err != nil {
		b.Fatal(err)
	}
	s.Start()
	defer s.Kill()
	each := max(b.N/phones, 1)
	var clients []paho.Client
	for _, name := range names {
		c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Broker).SetClientID(name).SetUsername(name).SetPassword(sitetest.PhonePassword))
		if tok := c.Connect(); !tok.WaitTimeout(10*time.Second) || tok.Error() != nil {
			b.Fatal(tok.Error())
		}
		clients = append(clients, c)
	}
	at := time.Now().Add(-time.Duration(each) * time.Second)
	b.ResetTimer()
	began := time.Now()
	var wg sync.WaitGroup
	for i, c := range clients {
		wg.Go(func() {
			window := make(chan paho.Token, inFlight)
			done := make(chan struct{})
			go func() {
				for tok := range window {
					tok.Wait()
				}
				close(done)
			}()
			for n := range each {
				window <- c.Publish("htgateway/devices/"+names[i]+"/report", 1, false, fmt.Sprintf(
					`{"time":%q,"lat":%.6f,"lon":108.2274,"accuracy_m":8,"speed_mps":9.4,"course_deg":212,"battery_pct":77,"seq":%d}`,
					at.Add(time.Duration(n)*time.Second).UTC().Format(time.RFC3339), -6.8364+float64(n)*1e-6, n))
			}
			close(window)
			<-done
		})
	}
	wg.Wait()
	acknowledged := time.Since(began)
	for s.Metric("htgateway_points_total") < float64(phones*each) {
		if time.Since(began) > 5*time.Minute {
			b.Fatalf("the store has %v of %d points", s.Metric("htgateway_points_total"), phones*each)
		}
	}
	stored := time.Since(began)
	b.ReportMetric(float64(phones*each)/acknowledged.Seconds(), "acknowledged/s")
	b.ReportMetric(float64(phones*each)/stored.Seconds(), "stored/s")
	b.ReportMetric(memoryMB(s), "MB")
	for _, c := range clients {
		c.Disconnect(0)
	}
}

// memoryMB is what the gateway holds of memory now.
func memoryMB(s *sitetest.Site) float64 {
	s.T.Helper()
	return residentMB(s.T, s.Cmd.Process.Pid)
}

// residentMB is what a process holds of memory now.
func residentMB(t testing.TB, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}
