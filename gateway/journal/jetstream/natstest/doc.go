// Package natstest runs a real NATS JetStream cluster for tests.
//
// Stage: tool, in tests only.
package natstest
