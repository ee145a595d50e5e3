package main

import (
	"context"
	"slices"

	"htgateway/gateway/incident"
	"htgateway/gateway/journal"
	"htgateway/gateway/journal/sqlite"
	"htgateway/gateway/state/fold"
)

// stopped is what the journal of a gateway that does not run tells of erasures, and its
// checkpoint.
type stopped struct {
	acts       []*incident.Act
	checkpoint string
}

// readActs reads all acts of a journal.
func readActs(ctx context.Context, j *sqlite.Journal) ([]*incident.Act, error) {
	var out []*incident.Act
	for entry, err := range journal.All(ctx, j, 0) {
		if err != nil {
			return nil, err
		}
		if entry.Kind != journal.KindAct {
			continue
		}
		act, err := journal.Decode[incident.Act](entry)
		if err != nil {
			return nil, err
		}
		act.ID, act.Seq = entry.ID, entry.Seq
		out = append(out, act)
	}
	return out, nil
}

// Ready returns at once: nothing is folded.
func (s stopped) Ready(context.Context) error { return nil }

// Acts are those about an incident and about all that it was ever merged with.
func (s stopped) Acts(id string) (out []string) {
	related := []string{id}
	for i := 0; i < len(related); i++ {
		for _, a := range s.acts {
			if a.Kind != incident.ActMerge {
				continue
			}
			for _, other := range [][2]string{{a.Incident, a.Into}, {a.Into, a.Incident}} {
				if other[0] == related[i] && !slices.Contains(related, other[1]) {
					related = append(related, other[1])
				}
			}
		}
	}
	for _, a := range s.acts {
		if slices.Contains(related, a.Incident) {
			out = append(out, a.ID)
		}
	}
	return out
}

// Callers are those that the journal names.
func (s stopped) Callers(id string) []string {
	return incident.Callers(slices.DeleteFunc(slices.Clone(s.acts), func(a *incident.Act) bool { return a.Incident != id }))
}

// Redact takes callers out of the checkpoint.
func (s stopped) Redact(all []incident.Redaction) error {
	_, err := fold.RedactCheckpoint(s.checkpoint, all)
	return err
}

// Forget removes the checkpoint.
func (s stopped) Forget() { _ = fold.RemoveCheckpoint(s.checkpoint) }

// Erasures are the incidents that an act after an entry erases the caller of.
func (s stopped) Erasures(after uint64) (incidents []string, newest uint64) {
	for _, a := range s.acts {
		if a.Kind == incident.ActErase && a.Seq > after {
			newest = max(newest, a.Seq)
			if !slices.Contains(incidents, a.Incident) {
				incidents = append(incidents, a.Incident)
			}
		}
	}
	return incidents, newest
}

// Redacted has nothing to note.
func (s stopped) Redacted(uint64) {}
