// Package mosquittotest runs a real Mosquitto broker for tests.
//
// Flow: messages → report → journal; in tests mosquittotest is where the messages come
// from.
package mosquittotest
