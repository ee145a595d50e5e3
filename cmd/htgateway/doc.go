// Command htgateway carries what field teams do with handy-talkies to the
// dispatcher's map and into response-time records.
//
// Flow: bytes → frame → report → journal → tracker → update → sinks; this is where a
// person starts it, asks about it and looks into what it kept.
package main
