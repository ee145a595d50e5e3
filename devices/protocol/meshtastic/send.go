package meshtastic

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxSend is the longest text, in bytes, that one packet carries: mesh.proto
// limits a payload to 233 bytes, and some are needed beside the words.
const MaxSend = 200

// ErrSend is returned for a text that one packet cannot carry.
var ErrSend = fmt.Errorf("meshtastic: a text is 1 to %d bytes of valid UTF-8", MaxSend)

// Mesh is how texts get into a mesh: over one gateway node of one root. The zero
// value is none.
type Mesh struct {
	// Root is the topic's beginning, "msh/ID".
	Root string
	// Node is the gateway node's own number.
	Node Node
}

// DownlinkTopic is where a gateway node of this root ("msh/ID") takes what is to be
// sent: it needs a channel named "mqtt" with downlink enabled.
func DownlinkTopic(root string) string { return root + "/2/json/mqtt/" }

// IsDownlink tells whether a topic leads into a mesh.
func IsDownlink(topic string) bool {
	return strings.HasPrefix(topic, "msh/") && strings.HasSuffix(topic, "/2/json/mqtt/")
}

// Text is the downlink message that has a gateway node send a text to one node.
// gateway must be the gateway node's own number: it takes no other sender.
func Text(gateway, to Node, words string) ([]byte, error) {
	if words == "" || len(words) > MaxSend || !utf8.ValidString(words) {
		return nil, ErrSend
	}
	if !to.Single() {
		return nil, errors.New("meshtastic: a text goes to one node")
	}
	return json.Marshal(struct {
		From    Node   `json:"from"`
		To      Node   `json:"to"`
		Channel int    `json:"channel"`
		Type    string `json:"type"`
		Payload string `json:"payload"`
	}{gateway, to, 0, "sendtext", words})
}
