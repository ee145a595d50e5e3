package faults

import (
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal/jetstream/natstest"
	"htgateway/gateway/sitetest"
	"htgateway/gateway/state/updatelog"
)

// clusterReports is how many reports go through the cluster: make cluster-test sends
// 200,000.
var clusterReports = flag.Int("cluster", 3200, "how many reports the test of the cluster sends")

// pair is two gateways of one area: one acts, the other stands by.
type pair struct {
	t              *testing.T
	active, second *sitetest.Site
	took           []time.Duration
}

// newPair starts both on a cluster and admits edge sites.
func newPair(t *testing.T, c *natstest.Cluster, units []string, sites ...string) (p *pair, urls []string) {
	t.Helper()
	p = &pair{t: t}
	for _, name := range []string{"kiri", "kanan"} {
		s := sitetest.New(t, units...)
		urls = append(urls, s.AdmitEdges(sites...))
		s.Configure(fmt.Sprintf("journal: {url: %q, area: majalengka, name: %s}\n", strings.Join(c.Servers(), ","), name))
		if p.active == nil {
			p.active = s
			s.Start()
		} else {
			p.second = s
			s.Launch("standing by")
		}
	}
	return p, urls
}

// fails is how often the active gateway is killed while all else is well.
const fails = 2

// fail kills the active gateway once it takes reports, times until the other acts, and
// starts the killed one again, which then stands by.
func (p *pair) fail() {
	p.t.Helper()
	awaitStanding(p.second)
	before := p.active.AwaitLink("ciremai", func(sitetest.Link) bool { return true })
	p.active.AwaitLink("ciremai", func(l sitetest.Link) bool { return l.Frames > before.Frames || l.Why == "" })
	p.active.Kill()
	began := time.Now()
	p.second.AwaitReady()
	p.took = append(p.took, time.Since(began))
	p.active, p.second = p.second, p.active
	p.second.Launch("standing by")
}

// awaitStanding returns once a gateway that stands by has counted what its copy of the
// journal had at the start.
func awaitStanding(s *sitetest.Site) {
	s.T.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		resp, err := http.Get(s.Page + "/readyz")
		if err != nil {
			s.T.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // it was read to its end
		if err == nil && strings.Contains(string(said), "standing by") {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.T.Fatalf("the standby says %q\n%s", said, s.Log)
		}
	}
}

// TestClusterLosesNothing: phones send to two edge sites, which deliver to a pair of
// gateways whose journal is in three NATS servers. The servers are killed in turn, and
// the active gateway, and a site. Everything that was acknowledged is in the journal
// once, and in the record once, and both gateways have the same.
func TestClusterLosesNothing(t *testing.T) {
	t.Parallel()
	phones, rounds := 8, 1
	if *clusterReports > 10_000 {
		phones, rounds = 40, 3
	}
	each := *clusterReports / phones
	names := sitetest.DeviceNames(phones)
	c := natstest.Start(t, 3)
	centre, urls := newPair(t, c, names, "ciremai", "careme")
	var streams []*sitetest.Stream
	var edges []*sitetest.Site
	for i, name := range []string{"ciremai", "careme"} {
		own := names[i*phones/2 : (i+1)*phones/2]
		edge := sitetest.NewEdge(t, name, own, urls...)
		addr := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
		edge.ReplaceConfig(`mqtt: {embedded: {listen: "127.0.0.1:0"`, fmt.Sprintf(`mqtt: {embedded: {listen: %q`, addr))
		edge.ReplaceConfig("backlog_per_second: 2000", "backlog_per_second: 20000")
		edge.Start()
		edges = append(edges, edge)
		streams = append(streams, sitetest.NewStream(t, addr, own, each, 2))
	}
	if status := sitetest.PostAs(t, centre.second.Page+"/api/v1/incidents", `{"category":"fire","location":{"lat":-6.8,"lon":108.2}}`, ""); status != 503 {
		t.Errorf("an act at the standby: %d", status)
	}
	began := time.Now()
	total := phones * each / 2 // of one site
	step := 0
	// next waits for one more share of the reports.
	next := func() {
		step++
		for _, s := range streams {
			s.AwaitAcknowledged(total * step / (5*rounds + 1))
		}
	}
	for range rounds {
		for node := range 3 {
			next()
			c.Kill(t, node)
			if node == 1 {
				next()
				edges[1].Kill()
				edges[1].Launch("msg=serving") // it delivers before it has folded all
			}
			c.Run(t, node)
		}
		next()
		centre.fail()
	}
	for _, s := range streams {
		s.AwaitAcknowledged(total)
	}
	t.Logf("%d reports acknowledged to their phones after %v", 2*total, time.Since(began))
	for _, name := range []string{"ciremai", "careme"} {
		for settled := false; !settled; { // twenty seconds each, as long as it moves
			before := centre.active.AwaitLink(name, func(sitetest.Link) bool { return true })
			now := centre.active.AwaitLink(name, func(l sitetest.Link) bool {
				return l.Frames != before.Frames || l.State == "up" && l.Why == ""
			})
			settled = now.State == "up" && now.Why == ""
		}
	}
	t.Logf("all at the centre after %v; the standby took over in %v, each time right after a server was killed too", time.Since(began), centre.took)
	centre.took = nil
	for range fails {
		centre.fail()
	}
	t.Logf("the standby took over in %v, with all servers well", centre.took)
	for _, took := range centre.took {
		if took > 10*time.Second { // 5 on a machine that has nothing else to do
			t.Errorf("the standby took over in %v", took)
		}
	}
	for _, e := range edges {
		e.Stop()
	}
	centre.second.Stop()
	centre.active.Stop()
	checkCluster(t, centre, streams, 2*total)
	for node := range 3 {
		c.Kill(t, node)
	}
	tellCost(t, c, centre, edges, 2*total)
}

// tellCost prints what the reports cost each kind of process, its starts and kills
// included.
func tellCost(t *testing.T, c *natstest.Cluster, centre *pair, edges []*sitetest.Site, reports int) {
	t.Helper()
	line := func(what string, cpu time.Duration, rssKiB, bytes int64) {
		t.Logf("cost of %-18s %6.0f µs of CPU a report, %4d MB at most, %5.0f bytes of disk a report",
			what, float64(cpu.Microseconds())/float64(reports), rssKiB/1024, float64(bytes)/float64(reports))
	}
	for i, s := range append([]*sitetest.Site{centre.active, centre.second}, edges...) {
		line([]string{"gateway 1", "gateway 2", "edge 1 (half each)", "edge 2 (half each)"}[i], s.CPU, s.RSSKiB, sizeOf(t, filepath.Join(s.Dir, "data")))
	}
	for i, u := range c.Used() {
		line(fmt.Sprintf("nats-server %d", i+1), u.CPU, u.RSSKiB, sizeOf(t, filepath.Join(c.Dir(), fmt.Sprint("n", i+1))))
	}
}

// sizeOf adds up the files of a folder, in bytes.
func sizeOf(t *testing.T, dir string) (sum int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			info, statErr := d.Info()
			err = statErr
			if err == nil {
				sum += info.Size()
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// checkCluster compares what was acknowledged with both gateways' journals and records.
func checkCluster(t *testing.T, centre *pair, streams []*sitetest.Stream, total int) {
	t.Helper()
	for _, s := range []*sitetest.Site{centre.active, centre.second} {
		reports, _ := s.Reports() // fails when one is there twice
		byText, textOf := map[string]int{}, map[string]string{}
		for _, r := range reports {
			byText[r.Text]++
			textOf[r.ID] = r.Text
		}
		published := messagesPublished(t, s)
		recorded := map[string]int{}
		for id, n := range published {
			recorded[textOf[id]] += n
		}
		for _, st := range streams {
			for text := range st.Ledger.By {
				if byText[text] != 1 || recorded[text] != 1 {
					t.Fatalf("acknowledged %q is %d times in the journal of %s, %d times in the record", text, byText[text], s.Dir, recorded[text])
				}
			}
		}
		if len(byText) != total {
			t.Errorf("%d different reports in the journal of %d", len(byText), total)
		}
	}
	t.Logf("ledger: %d acknowledged, each once in both journals and both records", total)
}

// messagesPublished counts the updates that carry a report's words, by report.
func messagesPublished(t *testing.T, s *sitetest.Site) map[string]int {
	t.Helper()
	log, err := updatelog.Open(t.Context(), filepath.Join(s.Dir, "data", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	out := map[string]int{}
	for after := uint64(0); ; {
		updates, err := log.Read(t.Context(), after, 5000)
		if err != nil {
			t.Fatal(err)
		}
		if len(updates) == 0 {
			return out
		}
		for _, u := range updates {
			after = u.Seq
			if u.Kind == incident.UpdateMessage {
				out[u.Report]++
			}
		}
	}
}
