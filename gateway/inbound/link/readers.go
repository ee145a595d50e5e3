package link

import (
	"htgateway/devices/protocol"
	"htgateway/devices/protocol/owntracks"
)

// Readers are the decoders of messages, which know the secrets of the site.
type Readers struct {
	// OwnTracks reads what phones post, too.
	OwnTracks *owntracks.Decoder
	byTopic   []topicReader
}

// topicReader is the decoder of the messages on some topics.
type topicReader struct {
	reads func(topic string) bool
	protocol.MessageDecoder
}

// NewReaders returns a decoder for every protocol that messages carry.
func NewReaders(keys protocol.Keys) Readers {
	r := Readers{OwnTracks: owntracks.NewDecoder(keys.Phones)}
	for _, e := range protocol.All() {
		if e.Messages != nil {
			r.byTopic = append(r.byTopic, topicReader{e.Topic, e.Messages(keys)})
		}
	}
	return r
}

// of returns the decoder of a topic's messages, nil where there is none.
func (r Readers) of(topic string) protocol.MessageDecoder {
	for _, t := range r.byTopic {
		if t.reads(topic) {
			return t.MessageDecoder
		}
	}
	return nil
}
