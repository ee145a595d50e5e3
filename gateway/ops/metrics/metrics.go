package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"htgateway/devices/transport/mqttbroker"
	"htgateway/gateway/inbound/intake"
	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/status"
)

// Sources are what the counters are read from.
type Sources struct {
	// Parts say how they stand, links with their ledgers.
	Parts Parts
	// Journal, Tracker and Updates are the stages that count for the whole gateway.
	Journal interface {
		Stats() journal.Stats
		Trouble() error
	}
	Tracker interface {
		UnknownDevices() []incident.UnknownDevice
		OpenAlarms() []journal.Alarm
	}
	Updates interface{ Last() uint64 }
	Series  interface {
		status.Reporter
		Stored() uint64
	}
	Devices interface {
		Devices() []intake.DeviceLedger
		Remembered() []intake.Remembered
	}
	Units    func() []incident.Unit
	Accounts func() []mqttbroker.Account
}

// Parts are all parts, with what the audit of their ledgers found.
type Parts interface {
	status.Reporter
	Missing(link string) int64
}

// collector reads the gateway's counters when Prometheus asks.
type collector struct {
	from Sources

	received, stored, duplicates, setAside, shed, wait *prometheus.Desc
	linkUp, unitsKnown, strangers, updates, points     *prometheus.Desc
	seriesBehind                                       *prometheus.Desc
	entries, commits, journalBytes, damaged, alarms    *prometheus.Desc
	devices, refused, slowed, excess, withheld         *prometheus.Desc
	remembered, rememberedMost                         *prometheus.Desc
	siteWaiting, siteClock, missing, journalUp         *prometheus.Desc

	all []*prometheus.Desc
}

// NewCollector returns the counters as Prometheus collects them.
func NewCollector(from Sources) prometheus.Collector {
	c := &collector{from: from}
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
	c.remembered = labelled("remembered", "What is remembered of the air, to know again what is repeated.", "what")
	c.rememberedMost = labelled("remembered_most", "How much of it is remembered at most.", "what")
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
	for _, s := range c.from.Parts.Status() {
		if s.Ledger != nil {
			c.link(send, s)
		}
		if s.Kind == status.KindEdge || s.Kind == status.KindCentre {
			send(c.siteWaiting, gauge, float64(s.Waiting), s.ID)
		}
		if ahead, known := s.ClockS.Value(); known && s.Kind == status.KindEdge {
			send(c.siteClock, gauge, ahead, s.ID)
		}
	}
	stats := c.from.Journal.Stats()
	takes := 1.0
	if c.from.Journal.Trouble() != nil {
		takes = 0
	}
	send(c.journalUp, gauge, takes)
	send(c.entries, gauge, float64(stats.Entries))
	send(c.commits, counter, float64(stats.Commits))
	send(c.journalBytes, counter, float64(stats.Bytes))
	send(c.damaged, gauge, float64(stats.Damaged))
	send(c.unitsKnown, gauge, float64(len(c.from.Units())))
	send(c.strangers, gauge, float64(len(c.from.Tracker.UnknownDevices())))
	send(c.devices, gauge, float64(len(c.from.Devices.Devices())))
	for _, r := range c.from.Devices.Remembered() {
		send(c.remembered, gauge, float64(r.Now), r.What)
		send(c.rememberedMost, gauge, float64(r.Most), r.What)
	}
	var refused, slowed, excess, withheld uint64
	for _, a := range c.from.Accounts() {
		refused, slowed, excess, withheld = refused+a.Refused, slowed+a.Slowed, excess+a.Excess, withheld+a.Withheld
	}
	send(c.refused, counter, float64(refused))
	send(c.slowed, counter, float64(slowed))
	send(c.excess, counter, float64(excess))
	send(c.withheld, counter, float64(withheld))
	send(c.updates, counter, float64(c.from.Updates.Last()))
	for kind, n := range openAlarms(c.from.Tracker.OpenAlarms()) {
		send(c.alarms, gauge, float64(n), kind)
	}
	send(c.points, counter, float64(c.from.Series.Status()[0].Reports))
	send(c.seriesBehind, gauge, max(0, float64(c.from.Updates.Last())-float64(c.from.Series.Stored())))
}

// link reads the counters of one link.
func (c *collector) link(send func(*prometheus.Desc, prometheus.ValueType, float64, ...string), s status.Status) {
	counter, gauge := prometheus.CounterValue, prometheus.GaugeValue
	send(c.received, counter, float64(s.Ledger.Received), s.ID)
	send(c.stored, counter, float64(s.Ledger.Stored), s.ID)
	send(c.duplicates, counter, float64(s.Ledger.Duplicates), s.ID)
	send(c.setAside, counter, float64(s.Ledger.SetAside), s.ID)
	send(c.shed, counter, float64(s.Ledger.Shed), s.ID)
	send(c.wait, gauge, float64(s.Ledger.Pending), s.ID)
	send(c.missing, gauge, float64(c.from.Parts.Missing(s.ID)), s.ID)
	up := 0.0
	if s.State == status.Up {
		up = 1
	}
	send(c.linkUp, gauge, up, s.ID)
}

// openAlarms counts the alarms at which a dispatcher has still to look, by kind.
func openAlarms(open []journal.Alarm) map[string]int {
	out := map[string]int{journal.AlarmWarning: 0, journal.AlarmBreach: 0}
	for _, a := range open {
		out[a.Kind]++
	}
	return out
}
