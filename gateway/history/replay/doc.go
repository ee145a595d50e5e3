// Package replay tells a past period as the gateway knew it at each moment. It folds
// the journal anew with the tracker that made the present, in the order in which the
// journal took the entries, so that nothing is in a moment that was not known then.
// It reads and writes nothing but the journal it is given.
//
// Flow: … → journal → tracker → update → sinks; replay is a second, short-lived
// thread through the middle.
package replay
