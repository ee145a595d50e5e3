package aprs

import (
	"bytes"
	"fmt"

	"htgateway/devices"
)

// readObject reads an object (APRS101 chapter 11): a place that the sender tells
// of, not where the sender is. Text is the object's name.
func readObject(b []byte, r *devices.Report) error {
	if len(b) < 31 {
		return ErrShort
	}
	if b[10] != '*' && b[10] != '_' {
		return fmt.Errorf("%w: no name of nine characters", ErrObject)
	}
	if _, ok := number(b[11:17]); !ok || b[17] != 'z' && b[17] != 'h' && b[17] != '/' {
		return refuse(ErrObject, "time stamp", b[11:18])
	}
	return readNamed(b[1:10], b[18:], r)
}

// readItem reads an item: an object without a time.
func readItem(b []byte, r *devices.Report) error {
	end := bytes.IndexAny(b, "!_")
	if end < 4 || end > 10 {
		return fmt.Errorf("%w: no name of three to nine characters", ErrObject)
	}
	return readNamed(b[1:end], b[end+1:], r)
}

func readNamed(name, place []byte, r *devices.Report) error {
	if bytes.ContainsFunc(name, func(c rune) bool { return c < 0x20 || c > 0x7e }) {
		return refuse(ErrObject, "name", name)
	}
	if len(place) == 0 {
		return ErrShort
	}
	length, err := readPlace(place, r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrObject, err)
	}
	r.Kind = devices.KindObject
	r.Text = words(bytes.TrimRight(name, " "))
	return readRest(place, length, r)
}
