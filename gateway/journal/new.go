package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// jsonAppender is a body that encodes itself as encoding/json would, and is decoded from
// that as it was, but for texts with bytes that are no characters.
type jsonAppender interface {
	AppendJSON(b []byte) ([]byte, error)
}

// NewRecord encodes body as JSON under an id. A body with a method AppendJSON must not be
// changed afterwards: followers of the journal are given it instead of a decoded copy.
func NewRecord(kind Kind, id string, at time.Time, body any) (Record, error) {
	rec := Record{ID: id, Kind: kind, At: at.UTC()}
	var err error
	if w, is := body.(jsonAppender); is {
		if rec.Body, err = w.AppendJSON(nil); !replaced(rec.Body) {
			rec.source = body
		}
	} else {
		rec.Body, err = json.Marshal(body)
	}
	if err != nil {
		return Record{}, fmt.Errorf("cannot encode %s %q: %w", kind, id, err)
	}
	return rec, nil
}

// replaced tells whether a text may have been written that held bytes which are no
// characters.
func replaced(b []byte) bool {
	return bytes.ContainsRune(b, utf8.RuneError) || bytes.Contains(b, []byte(`\ufffd`))
}
