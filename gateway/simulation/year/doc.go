// Package year makes the events of a whole year of a busy county, seeded: the same
// settings always give the same events. They are what journal entries would decode
// to, for the tracker to fold; nothing of them goes over a radio or into a journal.
//
// People are as in life: keys are forgotten or pressed late, phones report arrivals when
// the network is back, dispatchers correct times, take units off and forget to close.
//
// Stage: tool; it makes events for a tracker without a journal.
package year
