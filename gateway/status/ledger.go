package status

import "time"

// Ledger counts what became of everything that a link received. At rest,
// Received = Stored + Duplicates + SetAside + Shed; while running the
// difference is Pending.
type Ledger struct {
	// Received frames and messages, good and refused.
	Received uint64 `json:"received"`
	// Stored reports, new to the journal.
	Stored uint64 `json:"stored"`
	// Duplicates were heard before.
	Duplicates uint64 `json:"duplicates"`
	// SetAside were refused and kept raw in the journal with the reason.
	SetAside uint64 `json:"set_aside"`
	// Shed were lost on purpose: a flood of garbage, or a full queue
	// while the disk would not take more.
	Shed uint64 `json:"shed"`
	// Pending wait for the journal.
	Pending uint64 `json:"pending"`
	// LastHeard is when the link last had a good frame, UTC.
	LastHeard time.Time `json:"last_heard,omitzero"`
	// LastRefusal is why the newest refused frame was refused.
	LastRefusal string `json:"last_refusal,omitzero"`
	// RSSIdBm is the newest signal that the link reported.
	RSSIdBm float64 `json:"rssi_dbm,omitzero"`
}

// Balanced reports that everything received is accounted for.
func (l Ledger) Balanced() bool { return l.Missing() == 0 }

// Missing is how many frames no line of the ledger has; below zero more was booked than
// received.
func (l Ledger) Missing() int64 {
	return int64(l.Received) - int64(l.Stored+l.Duplicates+l.SetAside+l.Shed+l.Pending)
}

// Plus adds two ledgers; the later LastHeard and its reason win.
func (l Ledger) Plus(o Ledger) Ledger {
	l.Received += o.Received
	l.Stored += o.Stored
	l.Duplicates += o.Duplicates
	l.SetAside += o.SetAside
	l.Shed += o.Shed
	l.Pending += o.Pending
	if o.LastHeard.After(l.LastHeard) {
		l.LastHeard, l.RSSIdBm = o.LastHeard, o.RSSIdBm
	}
	if o.LastRefusal != "" {
		l.LastRefusal = o.LastRefusal
	}
	return l
}

// WithLedger makes a status tell a link's ledger.
func (s Status) WithLedger(l Ledger) Status {
	s.Ledger = &l
	s.Frames, s.Errors, s.Reports, s.Duplicates, s.Shed, s.LastError = l.Received, l.SetAside, l.Stored, l.Duplicates, l.Shed, l.LastRefusal
	if !l.LastHeard.IsZero() {
		s.LastHeard = &l.LastHeard
	}
	return s
}
