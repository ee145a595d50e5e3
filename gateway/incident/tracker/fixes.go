package tracker

import (
	"errors"
	"iter"
	"slices"
	"time"

	"htgateway/geo"
)

// fixes are those of a unit in the order of their own time, each once. A unit tells
// thousands within the hours in which any of them may be wanted again, and hardly any
// of them is: all but the newest few are packed, in blocks. A block is opened by
// whoever wants one of its fixes, and closed by [fixes.pack] some events later: when one
// event came out of order, others mostly follow.
type fixes struct {
	blocks []block
	// newest are later than those of all blocks. They are never none while there are blocks.
	newest []*told
	// ways are the origins of those that are packed.
	ways []*origin
	// opened tells that some block may be open, waited for how many events.
	opened bool
	waited int
}

// block is a stretch of fixes: packed, open or, as long as nothing is changed, both.
type block struct {
	packed []byte
	open   []*told
}

// packing is how many of the newest fixes stay unpacked at least, how many make a
// block, and after how many events an open one is closed.
type packing struct{ newest, block, patience int }

// Most fixes come in order and are judged once: few unpacked ones do. Of larger blocks
// each fix is a little smaller, and each late one costs more.
var usualPacking = packing{newest: 8, block: 16, patience: 32}

// first is where the block begins.
func (b *block) first() mark {
	if len(b.open) > 0 {
		return b.open[0].own
	}
	h := headOf(b.packed)
	return h.first()
}

// compare is how the block's beginning stands to m. Mostly the times alone say it.
func (b *block) compare(m mark) int {
	if len(b.open) == 0 {
		h := headOf(b.packed)
		if c := h.firstAt().Compare(m.at); c != 0 {
			return c
		}
	}
	return b.first().compare(m)
}

// change makes what was packed worth nothing, since the open fixes are others.
func (b *block) change() { b.packed = nil }

// open opens a block.
func (f *fixes) open(i int) *block {
	b := &f.blocks[i]
	if b.open == nil {
		var err error
		if b.open, err = unpack(b.packed, f.ways); err != nil {
			panic(err) // [fixes.check] has refused what this program did not pack
		}
		f.opened = true
	}
	return b
}

// stretch are the fixes of a block, or the newest, which follow the last.
func (f *fixes) stretch(i int) []*told {
	if i == len(f.blocks) {
		return f.newest
	}
	return f.open(i).open
}

// blockOf is the block that a fix at m is in or belongs into, -1 when it is none.
func (f *fixes) blockOf(m mark) int {
	if len(f.blocks) == 0 || f.newest[0].own.compare(m) <= 0 {
		return -1
	}
	i, found := slices.BinarySearchFunc(f.blocks, m, func(b block, m mark) int { return b.compare(m) })
	if !found {
		i = max(0, i-1)
	}
	return i
}

// add files a fix, usually the newest, unless it is there.
func (f *fixes) add(e *told) {
	i := f.blockOf(e.own)
	if i < 0 {
		f.newest = file1(f.newest, e)
		return
	}
	b := f.open(i)
	b.open = file1(b.open, e)
	b.change()
}

// find is the fix at m, nil when there is none.
func (f *fixes) find(m mark) *told {
	in := f.newest
	if i := f.blockOf(m); i >= 0 {
		in = f.open(i).open
	}
	if i, found := slices.BinarySearchFunc(in, m, byOwn); found {
		return in[i]
	}
	return nil
}

// from yields the fixes to be judged from m on. None may be added meanwhile.
func (f *fixes) from(m mark) iter.Seq[*told] {
	return func(yield func(*told) bool) {
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
				if !e.aside && !yield(e) {
					return
				}
			}
		}
	}
}

// before yields the fixes to be judged that stand before m, the latest first. None may
// be added meanwhile.
func (f *fixes) before(m mark) iter.Seq[*told] {
	return func(yield func(*told) bool) {
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
				if !e.aside && !yield(e) {
					return
				}
			}
		}
	}
}

// judge says why a fix was left out, or that it was not.
func (f *fixes) judge(e *told, why geo.Exclusion) {
	if e.why != why { // hardly ever
		e.why = why
		f.changed(e)
	}
}

// confirm makes the last of the impossible fixes between two places one that is judged.
func (f *fixes) confirm(first, until mark) {
	for e := range f.before(until) {
		if e.own.compare(first) < 0 {
			return
		}
		if e.why == geo.Impossible {
			f.judge(e, geo.Judged)
			return
		}
	}
}

// changed is called of a fix that is not as it was filed.
func (f *fixes) changed(e *told) {
	if i := f.blockOf(e.own); i >= 0 {
		f.blocks[i].change()
	}
}

// takeBack takes out the fixes that were learned after a moment, and appends them.
func (f *fixes) takeBack(after mark, out []*told) []*told {
	before := len(out)
	later := func(e *told) bool { return e.known.compare(after) > 0 }
	for i := range f.blocks {
		if b := &f.blocks[i]; b.open != nil || !headOf(b.packed).latest.Before(after.at) {
			out = f.open(i).drop(later, out)
		}
	}
	out = split(&f.newest, later, out)
	f.opened = f.opened || len(out) > before
	f.fill()
	return out
}

// forget drops fixes that are gone; of those between two times some may be.
func (f *fixes) forget(gone func(*told) bool, mayBe func(first, last time.Time) bool) {
	for i := range f.blocks {
		b, next := &f.blocks[i], f.newest[0].own
		if i+1 < len(f.blocks) {
			next = f.blocks[i+1].first()
		}
		if b.open != nil || headOf(b.packed).anyAside || mayBe(b.first().at, next.at) {
			f.open(i).drop(gone, nil)
		}
	}
	split(&f.newest, gone, nil)
	f.fill()
}

// drop takes out of an open block what is wanted, and appends it.
func (b *block) drop(wanted func(*told) bool, out []*told) []*told {
	before := len(b.open)
	if out = split(&b.open, wanted, out); len(b.open) < before {
		b.change()
	}
	return out
}

// split takes out of a list what is wanted, and appends it.
func split(list *[]*told, wanted func(*told) bool, out []*told) []*told {
	left := (*list)[:0]
	for _, e := range *list {
		if wanted(e) {
			out = append(out, e)
		} else {
			left = append(left, e)
		}
	}
	clear((*list)[len(left):])
	*list = left
	return out
}

// fill removes blocks of which nothing is left, and makes what stays of the last ones
// the newest, if there are none else.
func (f *fixes) fill() {
	f.blocks = slices.DeleteFunc(f.blocks, func(b block) bool { return b.packed == nil && len(b.open) == 0 })
	if n := len(f.blocks) - 1; len(f.newest) == 0 && n >= 0 {
		f.newest = f.open(n).open
		f.blocks[n] = block{}
		f.blocks = f.blocks[:n]
	}
}

// pack packs what need not stay unpacked. It is called after each event.
func (f *fixes) pack(by packing) {
	if f.opened {
		if f.waited++; f.waited < by.patience {
			return
		}
		f.close(by.block)
	}
	if len(f.newest) < by.newest+by.block {
		return
	}
	n := 0
	for ; len(f.newest)-n >= by.newest+by.block; n += by.block {
		f.blocks = append(f.blocks, f.packed(f.newest[n:n+by.block]))
	}
	f.newest = slices.Delete(f.newest, 0, n)
	if cap(f.newest) > 2*(by.newest+by.block) { // many were taken again
		f.newest = append(make([]*told, 0, by.newest+by.block), f.newest...)
	}
}

// close packs the open blocks that were changed, in several where they have grown.
func (f *fixes) close(most int) {
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

func (f *fixes) packed(list []*told) block { return block{packed: pack(list, &f.ways)} }

// check tells whether everything that is packed can be unpacked.
func (f *fixes) check() error {
	if len(f.blocks) > 0 && len(f.newest) == 0 {
		return errors.New("packed fixes without newer ones")
	}
	for _, b := range f.blocks {
		if b.packed == nil && len(b.open) > 0 {
			continue
		}
		if _, err := unpack(b.packed, f.ways); err != nil {
			return err
		}
	}
	return nil
}
