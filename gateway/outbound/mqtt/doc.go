// Package mqtt tells others over MQTT what changed: incident updates, each
// unit's state and the gateway's own. To the gateway's own broker a unit's state is
// told when somebody reads it.
//
// Flow: … → tracker → update → sinks; publish is a sink.
package mqtt
