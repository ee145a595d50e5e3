package updatelog

import "htgateway/gateway/incident"

// SavedTogether is how many updates each transaction would save of some that wait.
func SavedTogether(updates []incident.Update) (sizes []int) {
	rows := make([]row, len(updates))
	for i := range updates {
		rows[i] = row{seq: updates[i].Seq, entry: updates[i].JournalSeq}
	}
	for len(rows) > 0 {
		n := wholeEntries(rows)
		sizes, rows = append(sizes, n), rows[n:]
	}
	return sizes
}
