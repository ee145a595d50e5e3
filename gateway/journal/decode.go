package journal

import (
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// decoded is an entry's body as the first of its readers decoded it.
type decoded struct {
	once  sync.Once
	value any
	err   error
}

// Shared returns the entry so that whoever decodes it, or a copy of it, by [Decode]
// does so once for all, or not at all where what the body was written of is at hand. A
// journal shares what it hands to several readers.
func (e Entry) Shared() Entry {
	e.decoded = new(decoded)
	if e.made != nil {
		e.decoded.once.Do(func() { e.decoded.value = e.made })
		e.made = nil
	}
	return e
}

// Decode reads an entry's body. Readers of a shared entry all get the same value:
// nobody may change it. They must agree on T, which follows from the entry's kind.
func Decode[T any](e Entry) (*T, error) {
	if e.decoded == nil {
		return decode[T](e)
	}
	e.decoded.once.Do(func() { e.decoded.value, e.decoded.err = decode[T](e) })
	if e.decoded.err != nil {
		return nil, e.decoded.err
	}
	v, is := e.decoded.value.(*T)
	if !is {
		return decode[T](e)
	}
	return v, nil
}

func decode[T any](e Entry) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(e.Body, v, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("cannot decode %s %q of entry %d: %w", e.Kind, e.ID, e.Seq, err)
	}
	return v, nil
}
