package wal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Tail is how a write-ahead log ends.
type Tail struct {
	// Pages are those of whole commits, which SQLite carries into its file.
	Pages int
	// LeftOut is how many bytes come after them that belong to no whole commit, and that
	// SQLite will not use: a commit that was not finished, or what was torn.
	LeftOut int64
}

// The format of a write-ahead log (SQLite, "The WAL File Format", sections 4.1 to 4.4).
const (
	headBytes  = 32
	frameBytes = 24
	magic      = 0x377f0682 // or 1 more, when the checksums are of big-endian words
	// oldest is how many beginnings ago what is left over from before may have been
	// written: each begins at the front again and counts the first salt up.
	oldest = 1 << 20
)

// ReadTail reads the write-ahead log beside an SQLite file that nobody has open. It
// has to be asked before SQLite opens the file, which then forgets what it left out.
// Without a log there is no tail.
func ReadTail(path string) (Tail, error) {
	f, err := os.Open(path + "-wal") // #nosec G304 -- beside a file that the configuration names
	if errors.Is(err, os.ErrNotExist) {
		return Tail{}, nil
	}
	if err != nil {
		return Tail{}, fmt.Errorf("cannot read the write-ahead log: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Tail{}, fmt.Errorf("cannot read the write-ahead log: %w", err)
	}
	t, err := readTail(bufio.NewReaderSize(f, 1<<16), info.Size())
	if err != nil {
		return Tail{}, fmt.Errorf("cannot read the write-ahead log: %w", err)
	}
	return t, nil
}

func readTail(r io.Reader, size int64) (Tail, error) {
	var head [headBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || size == 0 {
		return Tail{LeftOut: size}, unlessEnd(err)
	}
	sum := checksum{order: binary.LittleEndian}
	if head[3]&1 != 0 {
		sum.order = binary.BigEndian
	}
	sum.add(head[:24])
	pageBytes := binary.BigEndian.Uint32(head[8:])
	if binary.BigEndian.Uint32(head[:])&^1 != magic || !sum.is(head[24:]) || pageBytes < 512 || pageBytes > 1<<16 {
		return Tail{LeftOut: size}, nil
	}
	frame := make([]byte, frameBytes+pageBytes)
	var t Tail
	at, committed := int64(headBytes), int64(headBytes)
	for pages := 1; ; pages++ {
		clear(frame)
		n, err := io.ReadFull(r, frame)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return t.end(size, committed), unlessEnd(err)
		}
		if n >= frameBytes && leftOver(head[16:24], frame[8:16]) {
			// Everything from here on was written before this log began.
			return t.end(at, committed), nil
		}
		sum.add(frame[:8])
		sum.add(frame[frameBytes:])
		if err != nil || string(frame[8:16]) != string(head[16:24]) || !sum.is(frame[16:]) {
			return t.end(size, committed), nil
		}
		at += int64(len(frame))
		if binary.BigEndian.Uint32(frame[4:]) != 0 { // the last page of a commit
			t.Pages, committed = pages, at
		}
	}
}

func (t Tail) end(end, committed int64) Tail {
	t.LeftOut = end - committed
	return t
}

// leftOver tells whether a frame's salts are those of an earlier beginning of the log:
// the first one counts the beginnings, the second is drawn anew at each.
func leftOver(now, frame []byte) bool {
	if drawn := binary.BigEndian.Uint32(frame[4:]); drawn == 0 || drawn == binary.BigEndian.Uint32(now[4:]) {
		return false // torn
	}
	behind := binary.BigEndian.Uint32(now) - binary.BigEndian.Uint32(frame)
	return behind > 0 && behind < oldest
}

func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// checksum sums up pairs of 32-bit words.
type checksum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (c *checksum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		c.s0 += c.order.Uint32(b) + c.s1
		c.s1 += c.order.Uint32(b[4:]) + c.s0
	}
}

func (c *checksum) is(b []byte) bool {
	return binary.BigEndian.Uint32(b) == c.s0 && binary.BigEndian.Uint32(b[4:]) == c.s1
}
