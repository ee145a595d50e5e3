package gateway

import (
	"crypto/tls"
	"fmt"

	"htgateway/devices"
	"htgateway/devices/protocol"
	"htgateway/devices/transport/mqttbroker"
	"htgateway/devices/transport/mqttclient"
	"htgateway/devices/transport/serialport"
	"htgateway/devices/transport/tcpport"
	"htgateway/gateway/config"
	"htgateway/gateway/inbound/link"
	"htgateway/gateway/incident"
	"htgateway/gateway/outbound/downlink"
	"htgateway/gateway/outbound/mqtt"
)

// makeLinks makes every way in, in the order in which they are shown. None needs its other
// end to be there.
func (g *Gateway) makeLinks() error {
	p := link.Parts{Intake: g.intake, Events: link.NewEvents(g.journal, g.o.Now, g.o.Log), Now: g.o.Now, Log: g.o.Log}
	readers := link.NewReaders(protocol.Keys{Channels: g.c.Meshtastic.Keys, Phones: g.c.OwnTracks.Secrets})
	for _, l := range g.c.Links {
		var err error
		switch l.Kind {
		case config.KindSerial, config.KindTCP:
			err = g.addLine(l, p)
		case config.KindMQTT:
			err = g.addSession(l, readers, p)
		}
		if err != nil {
			return fmt.Errorf("link %q: %w", l.ID, err)
		}
	}
	if g.c.CAD.Folder != "" {
		g.links = append(g.links, link.NewFolder(link.FolderSettings{
			ID: link.FolderID, Path: g.c.CAD.Folder, Poll: g.c.CAD.Poll, Settle: g.c.CAD.Settle, Now: g.o.Now, Log: g.o.Log,
		}, g.intake, g.desk))
	}
	if g.c.MQTT.Embedded.Enabled {
		if err := g.addBroker(readers, p); err != nil {
			return err
		}
	}
	// After the broker: a phone that was not heard yet is sought there first.
	mailbox := link.NewMailbox(g.o.Now)
	g.phones = link.NewPhones(readers.OwnTracks, mailbox, g.verifier, p)
	g.accounts.Give(g.phones)
	g.links = append(g.links, g.phones)
	g.radios = append(g.radios, downlink.Radio{Link: link.PhonesID, Dialect: downlink.Posts(), Writer: downlink.Publisher(mailbox.Publish)})
	if !g.c.AtEdge() {
		g.sites = link.NewEdges(g.intake, g.verifier, g.o.Now, g.o.Log)
		g.accounts.Give(g.sites)
		for _, site := range g.c.Sites() {
			g.links = append(g.links, g.sites.Site(site))
		}
	}
	g.keypads = link.NewKeypads(p)
	g.links = append(g.links, g.keypads)
	return nil
}

// about is what a configured link is.
func about(l config.Link, protocol string) link.About {
	a := link.About{ID: l.ID, Kind: l.Kind, Protocol: protocol}
	if l.Location != nil {
		a.Location = &incident.Location{Lat: l.Location.Lat, Lon: l.Location.Lon}
	}
	return a
}

func (g *Gateway) addLine(l config.Link, p link.Parts) error {
	var line *link.Line
	var err error
	if l.Kind == config.KindSerial {
		line, err = link.NewSerial(about(l, l.Protocol), serialport.Settings{
			ID: l.ID, Device: l.Device, USB: serialport.USB{Serial: l.USBSerial, Vendor: l.USBVendor, Product: l.USBProduct},
			Baud: l.Baud, DataBits: l.DataBits, StopBits: l.StopBits, Parity: l.Parity,
		}, p)
	} else {
		line, err = link.NewTCP(about(l, l.Protocol), tcpport.Settings{ID: l.ID, Address: l.Address}, p)
	}
	if err != nil {
		return err
	}
	if l.Transmit {
		dialect, err := downlink.For(devices.Protocol(l.Protocol), l.CallSign, l.Path())
		if err != nil {
			return err
		}
		g.radios = append(g.radios, downlink.Radio{Link: l.ID, Dialect: dialect, Writer: line})
	}
	g.links = append(g.links, line)
	return nil
}

func (g *Gateway) addSession(l config.Link, r link.Readers, p link.Parts) error {
	security, err := l.TLS()
	if err != nil {
		return err
	}
	settings := mqttclient.Settings{
		ID: l.ID, Broker: l.Broker, ClientID: l.ClientID, Username: l.Username, Password: string(l.Password), TLS: security, Topics: l.Topics,
	}
	if l.Publish {
		settings.Says = mqtt.SessionState()
	}
	session := link.NewSession(about(l, "mqtt"), settings, link.NewMessages(l.ID, r, g.intake, g.incidents()), p)
	if l.Publish {
		publisher := g.newPublisher("mqtt:"+l.ID, l.ID, session.Publish, session)
		session.OnUp(publisher.Connected)
		g.publishers = append(g.publishers, publisher)
	}
	if l.Transmit {
		g.radios = append(g.radios, downlink.Radio{Link: l.ID, Dialect: downlink.Messages(g.c.Meshtastic.Mesh), Writer: downlink.Publisher(session.Send)})
	}
	g.links = append(g.links, session)
	return nil
}

// addBroker makes the broker in the process.
func (g *Gateway) addBroker(r link.Readers, p link.Parts) error {
	e := g.c.MQTT.Embedded
	plain, secure := g.c.MQTT.Addresses()
	var security *tls.Config
	if secure != "" {
		pair, err := tls.LoadX509KeyPair(e.TLSCert, e.TLSKey)
		if err != nil {
			return fmt.Errorf("cannot read the broker's certificate: %w", err)
		}
		security = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	}
	var err error
	g.broker, err = link.NewBroker(mqttbroker.Options{
		Listen: plain, TLSListen: secure, TLS: security, Users: g.accounts.Users(), Verifier: g.verifier, AllowAnonymous: e.AllowAnonymous,
		Limits: mqttbroker.Limits{
			Connections: e.MaxConnections, DeviceConnections: e.DeviceConnections, PerSecond: e.DeviceRate, Burst: e.DeviceBurst,
		},
		Says: mqtt.SessionState(),
	}, link.NewMessages(link.BrokerID, r, g.intake, g.incidents()), p)
	if err != nil {
		return err
	}
	g.accounts.Give(g.broker)
	publisher := g.newPublisher(link.BrokerID, link.BrokerID, g.broker.Publish, nil)
	publisher.OnlyIfSubscribed(g.broker.Reads)
	g.broker.OnSubscribe(publisher.OnSubscribe)
	g.publishers = append(g.publishers, publisher)
	g.radios = append(g.radios, downlink.Radio{Link: link.BrokerID, Dialect: downlink.Messages(g.c.Meshtastic.Mesh), Writer: downlink.Publisher(g.broker.Send)})
	g.links = append(g.links, g.broker)
	return nil
}

// incidents makes incidents of what CADs send; an edge site makes none.
func (g *Gateway) incidents() link.IncidentCreator {
	if g.c.AtEdge() {
		return link.AtCentre{}
	}
	return g.desk
}
