package journal

import (
	"fmt"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// cachedDecode is an entry's body as the first of its readers decoded it.
type cachedDecode struct {
	once  sync.Once
	value any
	err   error
}

// WithDecodeCache returns the entry with a cache that all copies of it share: its body
// is decoded by [Decode] once for all of its readers, or not at all where the value that
// was encoded is at hand. A journal gives it to what it hands to several readers.
func (e Entry) WithDecodeCache() Entry {
	e.decoded = new(cachedDecode)
	if e.source != nil {
		e.decoded.once.Do(func() { e.decoded.value = e.source })
		e.source = nil
	}
	return e
}

// Decode reads an entry's body. Readers of an entry with a decode cache all get the same
// value: nobody may change it. They must agree on T, which follows from the entry's kind.
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
