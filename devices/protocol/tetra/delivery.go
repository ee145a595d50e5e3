package tetra

import "fmt"

// deliveryStatus puts a delivery status into words (EN 300 392-2 table 29.16);
// one that is not listed keeps its number.
func deliveryStatus(code byte) string {
	words := map[byte]string{
		0x00: "received", 0x01: "receipt report acknowledged", 0x02: "consumed", 0x03: "consumption report acknowledged",
		0x04: "forwarded to an external network", 0x05: "sent to a group, no acknowledgements", 0x06: "part received",

		0x20: "congestion, stored by the network", 0x21: "stored by the network", 0x22: "destination not reachable, stored by the network",

		0x40: "failed: network overload", 0x41: "failed: service permanently not available", 0x42: "failed: service not available now",
		0x43: "failed: source not authorized", 0x44: "failed: destination not authorized", 0x45: "failed: address unknown",
		0x46: "failed: forward address unknown", 0x47: "failed: group address with an individual service",
		0x48: "failed: expired before it was received", 0x49: "failed: expired before it was consumed", 0x4A: "failed",
		0x4B: "failed: destination not registered", 0x4C: "failed: destination's queue full", 0x4D: "failed: too long",
		0x4E: "failed: destination does not support SDS-TL", 0x4F: "failed: destination's host not connected",
		0x50: "failed: protocol not supported", 0x51: "failed: coding not supported", 0x52: "failed: memory of the destination full, discarded",
		0x53: "failed: destination takes no short data", 0x54: "failed: concatenated message too long", 0x56: "failed: address prohibited",
		0x57: "failed: no route to the external network", 0x58: "failed: external number unknown", 0x59: "failed: report refused",
		0x5A: "failed: destination not reachable", 0x5B: "failed: text distribution error", 0x5C: "failed: message corrupt",
		0x5D: "failed: parts missing", 0x5E: "failed: destination engaged, says the network", 0x5F: "failed: destination engaged",

		0x60: "memory of the destination full", 0x61: "memory of the destination free again", 0x62: "pending messages start", 0x63: "no pending messages",
		0x80: "stop sending", 0x81: "start sending",
	}
	if w, known := words[code]; known {
		return w
	}
	switch code & 0xE0 {
	case 0x00:
		return fmt.Sprintf("delivered (0x%02X)", code)
	case 0x20:
		return fmt.Sprintf("delayed (0x%02X)", code)
	case 0x40:
		return fmt.Sprintf("failed (0x%02X)", code)
	}
	return fmt.Sprintf("delivery status 0x%02X", code)
}
