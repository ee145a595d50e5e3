// Package silence says in words why a unit is quiet, and since when: a dispatcher
// who sees an old marker must know whether to wait, to call, or to climb the roof.
//
// Flow: … → tracker → state → silence → page; it is pure and reads no clock.
package silence
