// Package publish tells others over MQTT what changed: incident updates, each
// unit's state and the gateway's own.
//
// Flow: … → tracker → update → sinks; publish is a sink.
package publish
