// Package devicestest helps the tests of decoders.
//
// Flow: bytes → frame → report; devicestest stands beside both arrows, in tests only.
package devicestest
