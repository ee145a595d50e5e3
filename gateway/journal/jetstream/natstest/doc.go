// Package natstest runs a real NATS JetStream cluster for tests.
//
// Flow: beside it; it is for tests only, which keep a journal there.
package natstest
