package tracker

import (
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/state/snapshot"
)

// event lists an incident and all that it was ever merged with, directly or over others.
func (t *Tracker) event(id string) []*incidentState {
	f := t.incidents[id]
	if f == nil {
		return nil
	}
	out := []*incidentState{f}
	add := func(id string) {
		if d := t.incidents[id]; d != nil && !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, id := range out[i].absorbed {
			add(id)
		}
		for _, a := range out[i].acts {
			if a.Kind == incident.ActMerge {
				add(a.Into)
			}
		}
	}
	return out
}

// Acts lists the ids of the acts about an incident and about all that it was ever merged
// with, those of each in order of time.
func (t *Tracker) Acts(incidentID string) []string {
	var out []string
	for _, f := range t.event(incidentID) {
		for _, a := range f.acts {
			out = append(out, a.ID)
		}
	}
	return out
}

// Callers are those that the acts about an incident name still.
func (t *Tracker) Callers(incidentID string) []string {
	if f := t.incidents[incidentID]; f != nil {
		return incident.Callers(f.acts)
	}
	return nil
}

// Redact takes callers out of everything that the state holds: acts, notes, reasons of
// corrections and acknowledgements. The state is then the one that the journal gives once
// they were taken out of that.
func (t *Tracker) Redact(r incident.Redaction) {
	if len(r.Callers) == 0 {
		return
	}
	reasons := map[string]string{} // as they stand in milestones that were corrected
	redact := func(a *incident.Act, own bool) {
		without := a.WithoutOthers
		if own {
			without = a.Without
		}
		clean, changed := without(r.Callers)
		if !changed {
			return
		}
		if clean.Reason != a.Reason {
			reasons[a.Reason], reasons[because(a)] = clean.Reason, because(clean)
		}
		*a = *clean
	}
	all := t.event(r.Incident)
	for _, f := range all {
		for _, a := range f.acts {
			redact(a, f.id == r.Incident)
		}
	}
	for _, a := range t.acks {
		redact(a, false)
	}
	var roots []any
	for _, f := range all {
		roots = append(roots, &f.stageRecord, &f.emittedCall)
		for _, u := range t.interested[f.id] {
			roots = append(roots, u)
		}
	}
	// Readers may still hold the lists: they are replaced, not changed.
	snapshot.Each(func(was *[]incident.Superseded) {
		for i := range *was {
			if clean, is := reasons[(*was)[i].Reason]; is {
				*was = slices.Clone(*was)
				(*was)[i].Reason = clean
			}
		}
	}, roots...)
	for _, f := range all {
		f.derive(f.acts)
		t.indexIncident(f)
	}
}

// Erasures lists the incidents whose caller was erased by an act after an entry of the
// journal, and the number of the newest such act.
func (t *Tracker) Erasures(after uint64) (incidents []string, newest uint64) {
	for id, f := range t.incidents {
		if f.erasedBy != nil && f.erasedBy.Seq > after {
			incidents, newest = append(incidents, id), max(newest, f.erasedBy.Seq)
		}
	}
	slices.Sort(incidents)
	return incidents, newest
}
