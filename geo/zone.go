package geo

import "time"

// WIB is the local time of western Indonesia, in which the county's days are counted.
func WIB() *time.Location { return time.FixedZone("WIB", 7*60*60) }
