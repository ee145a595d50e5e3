package gateway

import (
	"context"
	"fmt"
	"time"

	"htgateway/devices"
	"htgateway/devices/transport/mqttclient"
	"htgateway/devices/transport/reconnect"
	"htgateway/devices/transport/serialport"
	"htgateway/devices/transport/tcpport"
	"htgateway/gateway/config"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/journal"
	"htgateway/gateway/outbound/downlink"
	"htgateway/gateway/outbound/mqtt"
	"htgateway/gateway/status"
	"htgateway/geo"
	"htgateway/telemetry"
)

// liveLink is one link: what it is, how it stands, and the goroutines it lives in.
type liveLink struct {
	id, kind, protocol string
	state              func() (name string, since time.Time, why string)
	parts              []func(context.Context) error
	// more, when not nil, adds to the view what only this kind of link has.
	more func(*status.Status)
}

// Status is how the link itself stands, whatever it heard.
func (l *liveLink) Status() []status.Status {
	name, since, why := l.state()
	return []status.Status{{ID: l.id, Kind: l.kind, Protocol: l.protocol, State: name, Since: since, Why: why}}
}

// embeddedLink is the id of the broker in the process.
const embeddedLink = config.EmbeddedLink

// makeLinks makes every configured link. None needs its other end to be there.
func (g *Gateway) makeLinks() error {
	for _, l := range g.c.Links {
		var err error
		switch l.Kind {
		case "serial":
			err = g.addSerial(l)
		case "tcp":
			err = g.addTCP(l)
		case "mqtt":
			err = g.addSession(l)
		}
		if err != nil {
			return fmt.Errorf("link %q: %w", l.ID, err)
		}
	}
	if g.c.CAD.Folder != "" {
		g.addFolder()
	}
	if g.c.MQTT.Embedded.Enabled {
		if err := g.addBroker(); err != nil {
			return err
		}
	}
	// After the broker: a phone that was not heard yet is sought there first.
	g.addPhones()
	g.addEdges()
	return nil
}

func (g *Gateway) addSerial(l config.Link) error {
	taker, err := g.newTaker(l)
	if err != nil {
		return err
	}
	line := &lineLink{taker: taker}
	port := serialport.New(serialport.Settings{
		ID: l.ID, Device: l.Device, USB: serialport.USB{Serial: l.USBSerial, Vendor: l.USBVendor, Product: l.USBProduct}, Baud: l.Baud, DataBits: l.DataBits, StopBits: l.StopBits, Parity: l.Parity,
	}, taker, g.o.Now, g.o.Log, func(s serialport.State) { g.noteLine(l.ID, line, s.Name, s.Why) })
	return g.addLine(l, line, port, func() (string, time.Time, string) { s := port.State(); return s.Name, s.Since, s.Why })
}

func (g *Gateway) addTCP(l config.Link) error {
	taker, err := g.newTaker(l)
	if err != nil {
		return err
	}
	line := &lineLink{taker: taker}
	port := tcpport.New(tcpport.Settings{ID: l.ID, Address: l.Address}, taker, g.o.Now, g.o.Log,
		func(s reconnect.State) { g.noteLine(l.ID, line, s.Name, s.Why) })
	return g.addLine(l, line, port, func() (string, time.Time, string) { s := port.State(); return s.Name, s.Since, s.Why })
}

// lineLink is a link that carries a line's bytes, over a serial port or TCP.
type lineLink struct {
	taker     *link.Serial
	registrar *link.Registrar // nil but for TETRA
}

// linePort is what carries a line's bytes.
type linePort interface {
	Run(ctx context.Context) error
	Write(ctx context.Context, b []byte) error
}

func (g *Gateway) newTaker(l config.Link) (*link.Serial, error) {
	decoder := link.NewDecoder(devices.Protocol(l.Protocol))
	if decoder == nil {
		return nil, fmt.Errorf("protocol %q is not spoken over a line", l.Protocol)
	}
	return link.NewSerial(l.ID, decoder, g.intake, g.o.Log), nil
}

func (g *Gateway) addLine(l config.Link, line *lineLink, port linePort, state func() (string, time.Time, string)) error {
	legible := func() (string, time.Time, string) {
		name, since, why := state()
		if why == "" {
			why = line.taker.Illegible(l.Baud)
		}
		return name, since, why
	}
	live := &liveLink{id: l.ID, kind: l.Kind, protocol: l.Protocol, state: legible, parts: []func(context.Context) error{port.Run, line.taker.Run}}
	if devices.Protocol(l.Protocol) == devices.TETRA {
		line.registrar = link.NewRegistrar(l.ID, port, g.o.Log)
		line.taker.Watch(line.registrar.Watch)
		live.parts = append(live.parts, line.registrar.Run)
		live.state = func() (string, time.Time, string) {
			name, since, why := legible()
			if why == "" {
				why = line.registrar.Why()
			}
			return name, since, why
		}
	}
	if l.Transmit {
		dialect, err := downlink.For(devices.Protocol(l.Protocol), l.CallSign, l.Path())
		if err != nil {
			return err
		}
		g.radios = append(g.radios, downlink.Radio{Link: l.ID, Dialect: dialect, Writer: port})
	}
	g.links = append(g.links, live)
	return nil
}

// noteLine journals a change in a line's life, and registers a TETRA radio whose
// port was opened.
func (g *Gateway) noteLine(id string, line *lineLink, state, why string) {
	g.noteLink(id, state, why)
	if state == "up" && line.registrar != nil {
		line.registrar.Opened()
	}
}

func (g *Gateway) addSession(l config.Link) error {
	security, err := l.TLS()
	if err != nil {
		return err
	}
	settings := mqttclient.Settings{
		ID: l.ID, Broker: l.Broker, ClientID: l.ClientID, Username: l.Username, Password: string(l.Password), TLS: security, Topics: l.Topics,
	}
	var publisher *mqtt.Publisher
	if l.Publish {
		settings.Says = mqtt.SessionState()
	}
	client := mqttclient.New(settings, link.NewMessages(l.ID, g.readers(), g.intake, g.opener()), g.o.Now, g.o.Log, func(s reconnect.State) {
		g.noteLink(l.ID, s.Name, s.Why)
		if publisher != nil && s.Name == "up" {
			publisher.Connected()
		}
	})
	live := &liveLink{
		id: l.ID, kind: "mqtt", protocol: "mqtt",
		state: func() (string, time.Time, string) { s := client.State(); return s.Name, s.Since, s.Why },
		parts: []func(context.Context) error{client.Run},
	}
	if l.Publish { // the session begins after this
		publisher = g.newPublisher("mqtt:"+l.ID, l.ID, client.Publish, live)
		g.publishers = append(g.publishers, publisher)
	}
	if l.Transmit {
		g.addPublisher(l.ID, downlink.Messages(g.c.Meshtastic.Mesh), func(ctx context.Context, topic string, payload []byte) error {
			return client.Publish(ctx, topic, payload, false)
		})
	}
	g.links = append(g.links, live)
	return nil
}

// noteLink journals a change in a link's life, so that "no data" is never read as
// "unit silent". It does not hold up the link.
func (g *Gateway) noteLink(id, state, why string) {
	at := g.o.Now().UTC()
	rec, err := journal.NewRecord(journal.KindLink, "l"+journal.Digest(id, state, why, at.Format(time.RFC3339Nano)), at,
		journal.LinkEvent{Link: id, At: at, State: state, Why: why})
	if err != nil {
		g.o.Log.Error("link event cannot be encoded", "link", id, "reason", err)
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
		defer cancel()
		if _, err := g.journal.Append(ctx, rec); err != nil {
			g.o.Log.Warn("link event not journaled", "link", id, "state", state, "reason", err)
		}
	}()
}

// linkViews are the links and sinks as the API shows them.
func (g *Gateway) linkViews() []status.Status {
	var out []status.Status
	for _, l := range g.links {
		ledger := g.intake.Ledger(l.id)
		name, since, why := l.state()
		v := status.Status{
			ID: l.id, Kind: l.kind, Protocol: l.protocol, State: name, Since: since, Why: why,
			Frames: ledger.Received, Errors: ledger.SetAside, Reports: ledger.Stored,
			Duplicates: ledger.Duplicates, Shed: ledger.Shed, LastError: ledger.LastRefusal,
		}
		if !ledger.LastHeard.IsZero() {
			v.LastHeard = &ledger.LastHeard
		}
		v.Location = g.stationAt(l.id)
		if n := g.audit.Missing(l.id); n != 0 && v.Why == "" {
			v.Why = fmt.Sprintf("%d bingkai tidak tercatat nasibnya / frames are not accounted for", n)
		}
		if l.more != nil {
			l.more(&v)
		}
		out = append(out, v)
	}
	out = append(out, g.series.Status()...)
	out = append(out, status.Of(g.sinks)...)
	for _, t := range g.tellers {
		out = append(out, t.view()...)
	}
	if g.centre != nil {
		out = append(out, g.centre.Status()...)
	}
	return out
}

// sampleEvery is how often, in real time, the links' health goes to the series.
const sampleEvery = 15 * time.Second

// linkSamples are the links as they stand, for the series.
func (g *Gateway) linkSamples() []telemetry.LinkSample {
	var out []telemetry.LinkSample
	for _, l := range g.links {
		ledger := g.intake.Ledger(l.id)
		state, _, _ := l.state()
		sample := telemetry.LinkSample{
			Link: l.id, Protocol: devices.Protocol(l.protocol), At: g.o.Now(), Connected: state == "up",
			Frames: int64(ledger.Received), Errors: int64(ledger.SetAside + ledger.Shed), // #nosec G115 -- counts
			Reports: int64(ledger.Stored), Duplicates: int64(ledger.Duplicates), // #nosec G115 -- counts
		}
		if ledger.RSSIdBm != 0 {
			sample.RSSIdBm = geo.Measured(ledger.RSSIdBm)
		}
		out = append(out, sample)
	}
	return out
}
