// Package mqtt publishes what changed: incident updates, each unit's state and the
// gateway's own. The gateway's own broker gets a unit's state only once somebody
// subscribes to it.
//
// Stage: update → **mqtt** → subscribers.
package mqtt
