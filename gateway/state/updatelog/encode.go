package updatelog

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"htgateway/gateway/incident"
)

// encode returns what the file stores of an update, and the update as a reader gets it. Of a fix, of which there are many and of which the tracker changes nothing
// afterwards, that is the update itself; of anything else it is read back, so that no
// reader shares memory with the tracker.
func encode(u *incident.Update) (incident.Update, []byte, error) {
	const asMost = 640 // bytes
	body, err := u.AppendJSON(make([]byte, 0, asMost))
	if err != nil {
		return incident.Update{}, nil, fmt.Errorf("update log cannot encode update %d: %w", u.Seq, err)
	}
	if u.Kind == incident.UpdateFix && u.Milestone == nil && u.Alert == nil {
		return *u, body, nil
	}
	as, err := decode(body)
	if err != nil {
		return incident.Update{}, nil, fmt.Errorf("update log cannot read back update %d: %w", u.Seq, err)
	}
	return as, body, nil
}

// decode reads an update as encode wrote it.
func decode(body []byte) (u incident.Update, err error) {
	if err := json.Unmarshal(body, &u, jsontext.AllowInvalidUTF8(true)); err != nil {
		return u, fmt.Errorf("update log cannot decode an update: %w", err)
	}
	return u, nil
}

// recentUpdates bounds the updates that are kept in memory for who follows closely.
const recentUpdates = 16384

// row is what the file stores of an update.
type row struct {
	seq, entry     uint64
	incident, unit string
	body           []byte
}
