package tetra

// bitReader reads user data from the most significant bit on.
type bitReader struct {
	data []byte
	bits int
	at   int
	// short is set when more was taken than there is.
	short bool
}

// left is how many bits are still to be read.
func (b *bitReader) left() int { return b.bits - b.at }

// take reads n bits, at most 32, as an unsigned number.
func (b *bitReader) take(n int) uint32 {
	if n > b.left() {
		b.short, b.at = true, b.bits
		return 0
	}
	var v uint32
	for range n {
		v = v<<1 | uint32(b.data[b.at/8]>>(7-b.at%8)&1)
		b.at++
	}
	return v
}

// signed reads n bits as a two's complement number.
func (b *bitReader) signed(n int) int32 {
	return int32(b.take(n)<<(32-n)) >> (32 - n)
}

// skip passes over n bits.
func (b *bitReader) skip(n int) {
	if n > b.left() {
		b.short, b.at = true, b.bits
		return
	}
	b.at += n
}

// rest returns the bytes that remain, a last part of a byte included; what has
// been read ended on a whole byte.
func (b *bitReader) rest() []byte {
	end := min((b.bits+7)/8, len(b.data))
	return b.data[min((b.at+7)/8, end):end]
}
