package geo

import "time"

// WIB is West Indonesia Time, the local time of the county and what its teams' clocks
// show.
func WIB() *time.Location { return time.FixedZone("WIB", 7*60*60) }
