package meshtastic

import (
	"fmt"
	"strconv"
	"strings"
)

// Form is how a topic's payloads are written.
type Form string

// The forms, as the level of the topic after the "2" says.
const (
	FormJSON     Form = "json"
	FormProtobuf Form = "e" // "c" before firmware 2.3.0
	FormStat     Form = "stat"
)

// Topic is msh/REGION/2/FORM/CHANNEL/!GATEWAY, taken apart. The region may have
// several levels.
type Topic struct {
	Root    string // up to the "2", "msh/ID"
	Form    Form
	Channel string
	Gateway string
}

// ParseTopic takes a gateway node's topic apart; false for every other topic, those
// that lead into the mesh included.
func ParseTopic(topic string) (Topic, bool) {
	parts := strings.Split(topic, "/")
	if parts[0] != "msh" {
		return Topic{}, false
	}
	n := len(parts)
	for i := 1; i < n-1; i++ {
		if parts[i] != "2" {
			continue
		}
		t := Topic{Root: strings.Join(parts[:i], "/"), Form: Form(parts[i+1])}
		if t.Form == "c" {
			t.Form = FormProtobuf
		}
		switch {
		case t.Form == FormStat && i+3 == n:
			t.Gateway = parts[i+2]
		case (t.Form == FormJSON || t.Form == FormProtobuf) && i+4 == n:
			t.Channel, t.Gateway = parts[i+2], parts[i+3]
		default:
			continue
		}
		return t, strings.HasPrefix(t.Gateway, "!")
	}
	return Topic{}, false
}

// IsTopic tells whether a topic is one of the mesh, whichever way it leads.
func IsTopic(topic string) bool { return strings.HasPrefix(topic, "msh/") }

// IsUplink tells whether gateway nodes publish on a topic what their mesh says.
func IsUplink(topic string) bool {
	_, known := ParseTopic(topic)
	return known
}

// IsBinary tells whether payloads on a topic are in protobuf; without a topic that is
// known, whether one that begins so is.
func IsBinary(topic string, head []byte) bool {
	if t, known := ParseTopic(topic); known {
		return t.Form == FormProtobuf
	}
	return len(head) > 0 && head[0] != '{'
}

// Node is a node's number.
type Node uint32

// broadcast is the address of everybody.
const broadcast Node = 0xffffffff

// Single tells whether it is the address of one node: neither nobody's nor everybody's.
func (n Node) Single() bool { return n != 0 && n != broadcast }

// String writes the number as Meshtastic shows it, "!433c8aac".
func (n Node) String() string { return fmt.Sprintf("!%08x", uint32(n)) }

// ParseNode reads "!433c8aac".
func ParseNode(s string) (Node, error) {
	hex, is := strings.CutPrefix(s, "!")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !is || len(hex) != 8 || err != nil {
		return 0, fmt.Errorf("meshtastic: %q is not a node's name, like !433c8aac", s)
	}
	return Node(n), nil
}
