package gateway

import (
	"htgateway/devices/protocol/meshtastic"
	"htgateway/devices/protocol/owntracks"
	"htgateway/gateway/inbound/link"
)

// readers are the decoders with the secrets of the configuration.
func (g *Gateway) readers() link.Readers {
	return link.Readers{
		Meshtastic: meshtastic.NewDecoder(g.c.Meshtastic.Keys),
		OwnTracks:  owntracks.NewDecoder(g.c.OwnTracks.Secrets),
	}
}
