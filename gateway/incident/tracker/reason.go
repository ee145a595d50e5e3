package tracker

import "htgateway/gateway/incident"

// reason says in words why a milestone was replaced or withdrawn, and who did it.
func (p *assignment) reason(m *incident.Milestone, e observation) (why, by string) {
	if m != nil {
		for _, c := range p.corrections {
			if c.ID == m.Report {
				return c.Reason, c.By
			}
		}
	}
	if e.act != nil {
		return because(e.act), e.act.By
	}
	if m != nil && m.Name == incident.OnScene {
		if old := p.current[m.Name]; old != nil && old.Verdict == incident.Conflict && old.At.Before(m.At) {
			return "the key before was pressed far from the scene", ""
		}
	}
	if m != nil && m.Evidence == incident.ByGeofence {
		return "fixes prove an earlier arrival", ""
	}
	return "late report", ""
}

// because says what an act was, in its own words if it has some.
func because(a *incident.Act) string {
	words := map[incident.ActKind]string{
		incident.ActRelocate: "lokasi dikoreksi / location corrected", incident.ActMerge: "kejadian digabung / incidents merged",
		incident.ActErase: "pelapor dihapus / caller erased", incident.ActReopen: "dibuka kembali / reopened", incident.ActOpen: "kejadian dicatat / incident recorded",
	}[a.Kind]
	if words == "" {
		words = string(a.Kind)
	}
	if a.Reason != "" {
		return words + ": " + a.Reason
	}
	return words
}
