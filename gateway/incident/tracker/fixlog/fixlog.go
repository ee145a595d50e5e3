package fixlog

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"htgateway/devices"
	"htgateway/geo"
)

// Log is an ordered set of fixes, by their own time. All but the newest few are packed, in
// blocks. A block is opened by whoever needs one of its fixes, and closed by [Log.Pack] some
// events later: when one event came out of order, others mostly follow. The zero Log is empty.
type Log struct {
	blocks []block
	// newest are later than those of all blocks. There are always some while there are blocks.
	newest []*Entry
	// origins are those of the packed fixes, which have an index into it.
	origins []*Origin
	// opened is set when some block may be open, waited counts the events since.
	opened bool
	waited int
}

// Packing is how many of the newest fixes stay unpacked at least, how many make a block, and
// after how many events an open block is closed.
type Packing struct{ Newest, Block, CloseAfter int }

// DefaultPacking suits fixes of which most come in order and are judged once. In larger blocks
// each fix is a little smaller, and each late one costs more.
var DefaultPacking = Packing{Newest: 8, Block: 16, CloseAfter: 32}

// open opens a block.
func (f *Log) open(i int) *block {
	b := &f.blocks[i]
	if b.open == nil {
		var err error
		if b.open, err = unpack(b.packed, f.origins); err != nil {
			panic(err) // [Log.Check] has refused what this program did not pack
		}
		f.opened = true
	}
	return b
}

// stretch are the fixes of block i, or the newest, which follow the last block.
func (f *Log) stretch(i int) []*Entry {
	if i == len(f.blocks) {
		return f.newest
	}
	return f.open(i).open
}

// blockOf is the block that a fix at m is in or belongs into, -1 when it is none.
func (f *Log) blockOf(m Key) int {
	if len(f.blocks) == 0 || f.newest[0].Own.Compare(m) <= 0 {
		return -1
	}
	i, found := slices.BinarySearchFunc(f.blocks, m, func(b block, m Key) int { return b.compare(m) })
	if !found {
		i = max(0, i-1)
	}
	return i
}

// Add adds a fix, usually the newest, unless it is there.
func (f *Log) Add(e *Entry) {
	i := f.blockOf(e.Own)
	if i < 0 {
		f.newest = insert(f.newest, e)
		return
	}
	b := f.open(i)
	b.open = insert(b.open, e)
	b.change()
}

// Find is the fix at m, nil when there is none. A change to it is noted by [Log.Judge] only.
func (f *Log) Find(m Key) *Entry {
	in := f.newest
	if i := f.blockOf(m); i >= 0 {
		in = f.open(i).open
	}
	if i, found := slices.BinarySearchFunc(in, m, byOwn); found {
		return in[i]
	}
	return nil
}

// From yields the fixes to be judged from m on. None may be added meanwhile.
func (f *Log) From(m Key) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		i := f.blockOf(m)
		if i < 0 {
			i = len(f.blocks)
		}
		for first := i; i <= len(f.blocks); i++ {
			in := f.stretch(i)
			if i == first {
				n, _ := slices.BinarySearchFunc(in, m, byOwn)
				in = in[n:]
			}
			for _, e := range in {
				if !e.Aside && !yield(e) {
					return
				}
			}
		}
	}
}

// Before yields the fixes to be judged that stand before m, the latest first. None may be
// added meanwhile.
func (f *Log) Before(m Key) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		i := f.blockOf(m)
		if i < 0 {
			i = len(f.blocks)
		}
		for last := i; i >= 0; i-- {
			in := f.stretch(i)
			if i == last {
				n, _ := slices.BinarySearchFunc(in, m, byOwn)
				in = in[:n]
			}
			for _, e := range slices.Backward(in) {
				if !e.Aside && !yield(e) {
					return
				}
			}
		}
	}
}

// Judge notes why a fix was left out of the judgement, or that it was not.
func (f *Log) Judge(e *Entry, why geo.Exclusion) {
	if e.Why != why { // hardly ever
		e.Why = why
		f.changed(e)
	}
}

// Confirm accepts the last fix of a device between two keys that was excluded as a jump, once a
// later fix of it confirms it.
func (f *Log) Confirm(device devices.Identity, first, until Key) {
	for e := range f.Before(until) {
		if e.Own.Compare(first) < 0 {
			return
		}
		if e.Why == geo.Impossible && e.Origin.Device == device {
			f.Judge(e, geo.Judged)
			return
		}
	}
}

// changed is called for a fix that is not as it was added.
func (f *Log) changed(e *Entry) {
	if i := f.blockOf(e.Own); i >= 0 {
		f.blocks[i].change()
	}
}

// TakeBack removes the fixes that were learned after a moment, and returns them.
func (f *Log) TakeBack(after Known) (out []*Entry) {
	later := func(e *Entry) bool { return e.Known.Compare(after) > 0 }
	for i := range f.blocks {
		if b := &f.blocks[i]; b.open != nil || headOf(b.packed).latest >= after.Seq {
			out = f.open(i).drop(later, out)
		}
	}
	out = split(&f.newest, later, out)
	f.opened = f.opened || len(out) > 0
	f.fill()
	return out
}

// Forget drops the fixes that are gone. A block is looked into only when mayBe says that some
// between its first and last time may be.
func (f *Log) Forget(gone func(*Entry) bool, mayBe func(first, last time.Time) bool) {
	for i := range f.blocks {
		b, next := &f.blocks[i], f.newest[0].Own
		if i+1 < len(f.blocks) {
			next = f.blocks[i+1].first()
		}
		if b.open != nil || headOf(b.packed).anyAside || mayBe(b.first().At, next.At) {
			f.open(i).drop(gone, nil)
		}
	}
	split(&f.newest, gone, nil)
	f.fill()
}

// fill removes empty blocks, and makes the last block the newest, if there are none else.
func (f *Log) fill() {
	f.blocks = slices.DeleteFunc(f.blocks, func(b block) bool { return b.packed == nil && len(b.open) == 0 })
	if n := len(f.blocks) - 1; len(f.newest) == 0 && n >= 0 {
		f.newest = f.open(n).open
		f.blocks[n] = block{}
		f.blocks = f.blocks[:n]
	}
}

// Pack packs what need not stay unpacked. It is called after each event.
func (f *Log) Pack(by Packing) {
	if f.opened {
		if f.waited++; f.waited < by.CloseAfter {
			return
		}
		f.close(by.Block)
	}
	if len(f.newest) < by.Newest+by.Block {
		return
	}
	n := 0
	for ; len(f.newest)-n >= by.Newest+by.Block; n += by.Block {
		f.blocks = append(f.blocks, f.packed(f.newest[n:n+by.Block]))
	}
	f.newest = slices.Delete(f.newest, 0, n)
	if cap(f.newest) > 2*(by.Newest+by.Block) { // many were taken again
		f.newest = append(make([]*Entry, 0, by.Newest+by.Block), f.newest...)
	}
}

// close packs the open blocks that were changed, in several where they have grown.
func (f *Log) close(most int) {
	f.opened, f.waited = false, 0
	for i := 0; i < len(f.blocks); i++ {
		b := &f.blocks[i]
		switch {
		case b.open == nil:
		case b.packed != nil:
			b.open = nil
		case len(b.open) > 2*most:
			var several []block
			for list := range slices.Chunk(b.open, most) {
				several = append(several, f.packed(list))
			}
			f.blocks = slices.Replace(f.blocks, i, i+1, several...)
			i += len(several) - 1
		default:
			*b = f.packed(b.open)
		}
	}
}

func (f *Log) packed(list []*Entry) block { return block{packed: pack(list, &f.origins)} }

// Check tells whether everything that is packed can be unpacked. Errors: [ErrBroken].
func (f *Log) Check() error {
	if len(f.blocks) > 0 && len(f.newest) == 0 {
		return fmt.Errorf("%w: there are no newer ones", ErrBroken)
	}
	for _, b := range f.blocks {
		if b.packed == nil && len(b.open) > 0 {
			continue
		}
		if _, err := unpack(b.packed, f.origins); err != nil {
			return err
		}
	}
	return nil
}
