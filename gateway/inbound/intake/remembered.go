package intake

// Remembered is how much of one sort is remembered, and how much at most.
type Remembered struct {
	What      string
	Now, Most int
}

// Remembered says how much is remembered. Whatever the air brings, it is bounded.
func (in *Intake) Remembered() []Remembered {
	in.mu.Lock()
	defer in.mu.Unlock()
	return []Remembered{
		{"dials", in.settings.len(), changingAtMost},
		{"keypads", in.bursts.len(), changingAtMost},
		{"devices", in.devices.len(), devicesAtMost},
		{"contents", in.dedup.byContent.len(), 2 * rememberAtMost},
		{"deliveries", in.dedup.byDelivery.len(), 2 * rememberAtMost},
		{"reports", in.dedup.byID.len(), 2 * rememberIDs},
		{"site_reports", in.delivered.len(), 2 * rememberAtMost},
		{"site_ranges", in.ranges.len(), rangesAtMost},
	}
}
