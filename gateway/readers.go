package gateway

import (
	"htgateway/devices/protocol"
	"htgateway/gateway/inbound/link"
)

// readers are the decoders with the secrets of the configuration.
func (g *Gateway) readers() link.Readers {
	return link.NewReaders(protocol.Keys{Channels: g.c.Meshtastic.Keys, Phones: g.c.OwnTracks.Secrets})
}
