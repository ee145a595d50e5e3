// Package link joins what carries bytes (ports, brokers) to intake: it decodes,
// and it holds frames while the disk will not take them.
//
// Flow: bytes → frame → report → journal; link is the seam between the first two
// and the last.
package link
