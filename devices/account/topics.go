package account

import "strings"

// Topics that the gateway takes and publishes.
const (
	incidentsIn  = "htgateway/incidents/in"
	gatewayState = "htgateway/gateway/state"
	command      = "cmd"
)

// MayPublish tells whether a topic is the user's own to publish on.
func (u User) MayPublish(topic string) bool {
	levels := strings.Split(topic, "/")
	last := levels[len(levels)-1]
	switch u.Role {
	case CAD:
		return topic == incidentsIn
	case Mesh:
		return levels[0] == "msh" && len(levels) > 3 && (u.Node == "" || last == u.Node)
	case Device:
		if own := u.ownTracks(levels); own {
			return last != command && levels[2] != ""
		}
		return topic == "htgateway/devices/"+u.Name+"/report"
	}
	return false
}

// MayRead tells whether the user may have what is published on a topic.
func (u User) MayRead(topic string) bool {
	levels := strings.Split(topic, "/")
	switch u.Role {
	case Device:
		return topic == gatewayState || u.ownTracks(levels) && levels[len(levels)-1] == command ||
			strings.HasPrefix(topic, "htgateway/devices/"+u.Name+"/") && levels[len(levels)-1] != "report"
	case Mesh:
		// The gateway's own way down into the mesh; what other nodes passed up would
		// only be sent on the air a second time.
		return topic == gatewayState || levels[0] == "msh" && len(levels) > 4 && levels[3] == "json" && levels[4] == "mqtt"
	case CAD:
		return published(topic)
	case Reader:
		return published(topic) || levels[0] == "msh" || levels[len(levels)-1] != command &&
			(levels[0] == "owntracks" || strings.HasPrefix(topic, "htgateway/devices/"))
	}
	return false
}

// MaySubscribe tells whether a filter is worth granting: whether it can match
// anything that the user may read. What is delivered is asked of [User.MayRead] one
// by one, so that a phone that subscribes to owntracks/+/+ (as the OwnTracks apps
// do, and which Mosquitto grants) hears its own commands and nobody else's places.
func (u User) MaySubscribe(filter string) bool {
	if !strings.ContainsAny(filter, "+#") {
		return u.MayRead(filter)
	}
	levels := strings.Split(filter, "/")
	switch levels[0] {
	case "owntracks":
		return u.Role == Device || u.Role == Reader
	case "msh":
		return u.Role == Mesh || u.Role == Reader
	case "htgateway":
		if len(levels) > 2 && levels[1] == "devices" && u.Role == Device {
			return levels[2] == u.Name
		}
		return u.Role == CAD || u.Role == Reader
	case "#":
		return u.Role == Reader
	}
	return false
}

func (u User) ownTracks(levels []string) bool {
	return len(levels) > 2 && levels[0] == "owntracks" && levels[1] == u.Name
}

// published tells whether a topic is one on which the gateway publishes what changed.
func published(topic string) bool {
	return topic == gatewayState || strings.HasPrefix(topic, "htgateway/units/") ||
		strings.HasPrefix(topic, "htgateway/incidents/") && topic != incidentsIn
}
