// Package configs carries the default configuration and the county's data inside
// the binary.
//
// Stage: tool; package config begins with these defaults.
package configs
