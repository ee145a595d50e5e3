package intake

import "htgateway/gateway/status"

// account is one link's ledger.
type account struct{ status.Ledger }

func (in *Intake) account(link string) *account {
	a := in.ledgers[link]
	if a == nil {
		a = &account{}
		in.ledgers[link] = a
	}
	return a
}

func (l *account) count(f outcome) {
	switch f.disposition {
	case stored:
		l.Stored++
	case duplicate:
		l.Duplicates++
	case setAside:
		l.SetAside++
	case shed:
		l.Shed++
	}
	if f.report != nil {
		l.LastHeard = f.report.ReceivedAt
		l.RSSIdBm = f.report.RSSIdBm.Or(l.RSSIdBm)
	}
}
