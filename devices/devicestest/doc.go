// Package devicestest helps the tests of decoders.
//
// Stage: tool, in tests only.
package devicestest
