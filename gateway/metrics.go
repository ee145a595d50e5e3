package gateway

import (
	"github.com/prometheus/client_golang/prometheus"

	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/status"
)

// collector reads the gateway's counters when Prometheus asks.
type collector struct {
	g                                                  *Gateway
	received, stored, duplicates, setAside, shed, wait *prometheus.Desc
	linkUp, unitsKnown, strangers, updates, points     *prometheus.Desc
	seriesBehind                                       *prometheus.Desc
	entries, commits, journalBytes, damaged, alarms    *prometheus.Desc
	devices, refused, slowed, excess, withheld         *prometheus.Desc
	siteWaiting, siteClock, missing, journalUp         *prometheus.Desc

	all []*prometheus.Desc
}

func newCollector(g *Gateway) *collector {
	c := &collector{g: g}
	labelled := func(name, help string, labels ...string) *prometheus.Desc {
		d := prometheus.NewDesc("htgateway_"+name, help, labels, nil)
		c.all = append(c.all, d)
		return d
	}
	perLink := func(name, help string) *prometheus.Desc { return labelled(name, help, "link") }
	whole := func(name, help string) *prometheus.Desc { return labelled(name, help) }
	c.received = perLink("received_total", "Frames and messages received, good and refused.")
	c.stored = perLink("stored_total", "Reports that were new to the journal.")
	c.duplicates = perLink("duplicates_total", "Reports that had been heard before.")
	c.setAside = perLink("set_aside_total", "Frames refused and kept raw with the reason.")
	c.shed = perLink("shed_total", "Frames given up: garbage in a flood, or no room while the disk took none.")
	c.missing = perLink("ledger_missing", "Frames that no line of the link's ledger has, by the check of each minute; anything but 0 is a defect.")
	c.journalUp = whole("journal_up", "1 while the journal takes reports; at 0 nothing is acknowledged.")
	c.wait = perLink("pending", "Frames that wait for the journal.")
	c.siteWaiting = perLink("site_waiting", "Entries of an edge site's journal that the centre does not have yet.")
	c.siteClock = perLink("site_clock_seconds", "How far an edge site's clock is ahead of the centre's, in seconds.")
	c.linkUp = perLink("link_up", "1 while the link is up.")
	c.unitsKnown = whole("units", "Units on the roster.")
	c.strangers = whole("unknown_devices", "Devices heard that belong to no unit.")
	c.devices = whole("devices", "Devices that are counted one by one (GET /api/v1/devices), 5,000 at most.")
	c.refused = whole("mqtt_refused_total", "Connections, subscriptions, topics and payloads of the embedded broker's users that were not allowed.")
	c.slowed = whole("mqtt_slowed_total", "Publications that waited because their sender exceeds its rate.")
	c.excess = whole("mqtt_excess_total", "Publications beyond their sender's rate that asked for no acknowledgement.")
	c.withheld = whole("mqtt_withheld_total", "Publications not acknowledged because the disk would not take them.")
	c.updates = whole("updates_total", "Updates that the tracker gave out.")
	c.entries = whole("journal_entries", "Entries in the journal.")
	c.commits = whole("journal_commits_total", "Synced transactions of the journal since the start.")
	c.damaged = whole("journal_damaged_entries", "Records of the journal that were met damaged since the start, and left out of everything.")
	c.journalBytes = whole("journal_bytes_total", "Bytes of record bodies stored since the start.")
	c.alarms = labelled("alarms_open", "Alarms at which a dispatcher has still to look.", "kind")
	c.points = whole("points_total", "Points that the series took since the start.")
	c.seriesBehind = whole("series_behind_updates", "Updates that the series does not have yet.")
	return c
}

// Describe tells Prometheus what there is; gateway/docs/metrics.md lists it for people.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.all {
		out <- d
	}
}

// Collect reads the counters.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	for _, l := range c.g.links {
		ledger := c.g.intake.Ledger(l.id)
		send(c.received, counter, float64(ledger.Received), l.id)
		send(c.stored, counter, float64(ledger.Stored), l.id)
		send(c.duplicates, counter, float64(ledger.Duplicates), l.id)
		send(c.setAside, counter, float64(ledger.SetAside), l.id)
		send(c.shed, counter, float64(ledger.Shed), l.id)
		send(c.wait, gauge, float64(ledger.Pending), l.id)
		send(c.missing, gauge, float64(c.g.audit.Missing(l.id)), l.id)
		up := 0.0
		if state, _, _ := l.state(); state == "up" {
			up = 1
		}
		send(c.linkUp, gauge, up, l.id)
		if l.more != nil {
			var v status.Status
			l.more(&v)
			send(c.siteWaiting, gauge, float64(v.Waiting), l.id)
			if ahead, known := v.ClockS.Value(); known {
				send(c.siteClock, gauge, ahead, l.id)
			}
		}
	}
	if c.g.centre != nil {
		send(c.siteWaiting, gauge, float64(c.g.centre.Status()[0].Waiting), "centre")
	}
	journal := c.g.journal.Stats()
	takes := 1.0
	if c.g.journal.Trouble() != nil {
		takes = 0
	}
	send(c.journalUp, gauge, takes)
	send(c.entries, gauge, float64(journal.Entries))
	send(c.commits, counter, float64(journal.Commits))
	send(c.journalBytes, counter, float64(journal.Bytes))
	send(c.damaged, gauge, float64(journal.Damaged))
	send(c.unitsKnown, gauge, float64(len(c.g.units())))
	send(c.strangers, gauge, float64(len(c.g.fold.UnknownDevices())))
	send(c.devices, gauge, float64(len(c.g.intake.Devices())))
	var accounts []mqttbroker.Account
	var refused, slowed, excess, withheld uint64
	if c.g.broker != nil {
		accounts = c.g.broker.Accounts()
	}
	for _, a := range accounts {
		refused, slowed, excess, withheld = refused+a.Refused, slowed+a.Slowed, excess+a.Excess, withheld+a.Withheld
	}
	send(c.refused, counter, float64(refused))
	send(c.slowed, counter, float64(slowed))
	send(c.excess, counter, float64(excess))
	send(c.withheld, counter, float64(withheld))
	send(c.updates, counter, float64(c.g.updates.Last()))
	for kind, n := range c.g.openAlarms() {
		send(c.alarms, gauge, float64(n), kind)
	}
	send(c.points, counter, float64(c.g.series.Status()[0].Reports))
	send(c.seriesBehind, gauge, max(0, float64(c.g.updates.Last())-float64(c.g.series.Stored())))
}
