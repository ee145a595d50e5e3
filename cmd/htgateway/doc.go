// Command htgateway carries what field teams do with handy-talkies to the
// dispatcher's map and into response-time records.
//
// Stage: tool; a person starts the flow here, asks about it and looks into what it
// kept.
package main
