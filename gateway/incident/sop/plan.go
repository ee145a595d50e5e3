package sop

import (
	"slices"
	"time"
)

// DefaultPlan is the Majalengka Raharja 112 procedure (firmware-notes/sop.md): the limits
// of its table, and no target for the intervals that it does not name.
func DefaultPlan() Plan {
	return Plan{
		Limits: map[ClockName]time.Duration{
			OnSceneUpdate: 10 * time.Minute, ProgressUpdate: 10 * time.Minute,
			Monitoring: 10 * time.Minute, Closing: 2 * time.Minute, WholeFlow: 107 * time.Minute,
		},
		WarnAt:           0.8,
		WholeFlowReading: "1.47 Jam = 1 h 47 min (107 min)",
		Categories: []Category{
			{"rescue", "Penyelamatan Manusia", "Human rescue"},
			{"fire", "Kebakaran", "Fire"},
			{"damage", "Kerusakan", "Damage"},
			{"health", "Masalah Kesehatan", "Health problem"},
			{"accident", "Kecelakaan", "Accident"},
			{"crime", "Tindak Kriminal dan Tindak Pidana", "Crime"},
			{"disaster", "Bencana Alam", "Natural disaster"},
			{"child_abuse", "Kekerasan Pada Anak", "Violence against children"},
			{"security", "Gangguan Keamanan", "Security disturbance"},
			{"other", "Keadaan Darurat Lainnya", "Other emergency"},
		},
	}
}

// At is the plan by which an incident is judged whose call came at a time: the newest
// that held then.
func (p Plan) At(call time.Time) Plan {
	categories := p.Categories
	for _, later := range slices.Backward(p.Later) {
		if !later.ValidFrom.After(call) {
			p = later
			break
		}
	}
	p.Categories, p.Later = categories, nil
	return p
}

// Knows reports whether the plan has a category with this key.
func (p Plan) Knows(category string) bool {
	for _, c := range p.Categories {
		if c.Key == category {
			return true
		}
	}
	return false
}
