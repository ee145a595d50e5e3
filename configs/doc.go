// Package configs carries the default configuration and the county's data inside
// the binary.
//
// Flow: before it; config begins with these defaults.
package configs
