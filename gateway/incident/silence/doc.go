// Package silence says in words why a unit is quiet, and since when: a dispatcher
// who sees an old marker must know whether to wait, to call, or to send somebody to the
// antenna. It is pure and reads no clock.
//
// Stage: state → **silence** → page.
package silence
