package main

import (
	"htgateway/devices"
	"htgateway/devices/kenwood"
	"htgateway/devices/nmea"
)

// decoders makes a decoder for each protocol, for messages of one topic where
// the protocol has topics.
var decoders = map[devices.Protocol]func(topic string) frameDecoder{
	devices.Kenwood: func(string) frameDecoder { return kenwood.NewDecoder() },
	devices.NMEA:    func(string) frameDecoder { return &nmea.Decoder{} },
}
