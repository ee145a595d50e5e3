package fixlog

import "slices"

// block is a stretch of fixes: packed, open or, as long as nothing is changed, both.
type block struct {
	packed []byte
	open   []*Entry
}

// first is where the block begins.
func (b *block) first() Key {
	if len(b.open) > 0 {
		return b.open[0].Own
	}
	h := headOf(b.packed)
	return h.first()
}

// compare is how the block's first fix stands to m. Mostly the times alone decide.
func (b *block) compare(m Key) int {
	if len(b.open) == 0 {
		h := headOf(b.packed)
		if c := h.firstAt().Compare(m.At); c != 0 {
			return c
		}
	}
	return b.first().Compare(m)
}

// change drops the packed bytes, because the open fixes differ from them.
func (b *block) change() { b.packed = nil }

// drop removes from an open block what is wanted, and appends it to out.
func (b *block) drop(wanted func(*Entry) bool, out []*Entry) []*Entry {
	before := len(b.open)
	if out = split(&b.open, wanted, out); len(b.open) < before {
		b.change()
	}
	return out
}

// split removes from a list what is wanted, and appends it to out.
func split(list *[]*Entry, wanted func(*Entry) bool, out []*Entry) []*Entry {
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

// insert puts an entry at its own time; usually it is the newest. One that is there stays.
func insert(list []*Entry, e *Entry) []*Entry {
	if n := len(list); n == 0 || list[n-1].Own.Compare(e.Own) < 0 {
		return append(list, e)
	}
	i, found := slices.BinarySearchFunc(list, e.Own, byOwn)
	if found {
		return list
	}
	return slices.Insert(list, i, e)
}
