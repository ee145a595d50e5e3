// Package devices says what a field device can say. Every protocol ends in
// one type, [Report]; the packages below this one turn bytes into frames and
// frames into reports, or carry the bytes.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks. devices is
// the first three and knows nothing of incidents.
package devices
