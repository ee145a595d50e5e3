package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// place is a line of the file that is imported: where it begins, how long it is, and what
// says where it stands among the others.
type place struct {
	offset int64
	length int
	number int // of the line, from 1
	seq    uint64
	at     time.Time
}

// outOfOrder is the share of lines that may stand before an earlier one: where the gateway's
// clock was set, where an edge site delivered late. Lines that somebody mixed have half.
const outOfOrder = 0.1

// inOrder brings lines into the order of the journal that they come from: by their numbers,
// where all have one; by their times where they have none and are mixed. Else they stand as
// they are, since a time may have been read off a clock that was set back.
func inOrder(places []place) {
	bySeq := func(a, b place) int {
		switch {
		case a.seq < b.seq:
			return -1
		case a.seq > b.seq:
			return 1
		}
		return 0
	}
	byTime := func(a, b place) int { return a.at.Compare(b.at) }
	back := 0
	numbered := true
	for i, p := range places {
		numbered = numbered && p.seq > 0
		if i > 0 && p.at.Before(places[i-1].at) {
			back++
		}
	}
	switch {
	case numbered:
		slices.SortStableFunc(places, bySeq)
	case float64(back) > outOfOrder*float64(len(places)) && back > 1:
		slices.SortStableFunc(places, byTime)
	}
}

// spool keeps the lines beside the journal until they are in order.
type spool struct {
	file   *os.File
	out    *bufio.Writer
	at     int64
	places []place
}

func newSpool(path string) (*spool, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600) // #nosec G304 -- beside the journal that is made
	if err != nil {
		return nil, fmt.Errorf("cannot keep the lines that are imported: %w", err)
	}
	return &spool{file: f, out: bufio.NewWriterSize(f, 1<<20)}, nil
}

func (s *spool) add(text []byte, l line, number int) error {
	p := place{offset: s.at, length: len(text), number: number, at: l.JournaledAt}
	if l.Seq != nil {
		p.seq = *l.Seq
	}
	s.places = append(s.places, p)
	s.at += int64(len(text))
	if _, err := s.out.Write(text); err != nil {
		return fmt.Errorf("cannot keep the lines that are imported: %w", err)
	}
	return nil
}

// each gives the lines in order.
func (s *spool) each(take func(text []byte, number int) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("cannot keep the lines that are imported: %w", err)
	}
	inOrder(s.places)
	var text []byte
	for _, p := range s.places {
		text = slices.Grow(text[:0], p.length)[:p.length]
		if _, err := s.file.ReadAt(text, p.offset); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("cannot read line %d again: %w", p.number, err)
		}
		if err := take(text, p.number); err != nil {
			return err
		}
	}
	return nil
}

func (s *spool) remove() error {
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
