package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// Written is a body that writes itself as encoding/json would, and is read back from
// that as it was: but for a text with bytes that are no characters, which it tells.
type Written interface {
	AppendJSON(b []byte) ([]byte, error)
}

// NewRecord encodes body as JSON under an id. A body that is [Written] must not be
// changed afterwards: who follows the journal is given it instead of a copy read back.
func NewRecord(kind Kind, id string, at time.Time, body any) (Record, error) {
	rec := Record{ID: id, Kind: kind, At: at.UTC()}
	var err error
	if w, is := body.(Written); is {
		if rec.Body, err = w.AppendJSON(nil); !replaced(rec.Body) {
			rec.made = body
		}
	} else {
		rec.Body, err = json.Marshal(body)
	}
	if err != nil {
		return Record{}, fmt.Errorf("journal: cannot encode %s %q: %w", kind, id, err)
	}
	return rec, nil
}

// replaced tells whether a text may have been written that held bytes which are no
// characters.
func replaced(b []byte) bool {
	return bytes.ContainsRune(b, utf8.RuneError) || bytes.Contains(b, []byte(`\ufffd`))
}
