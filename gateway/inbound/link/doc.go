// Package link is every way into the gateway for devices and edge sites: it decodes what
// ports, brokers and HTTP posts bring, hands reports to intake, and holds frames while
// the disk does not take them.
//
// Stage: bytes, messages → **link** → report → intake.
package link
