package journal

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

var lettersAndDigits = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Digest makes an id of 26 letters and digits from the parts, which it joins so
// that no two lists of parts look alike.
func Digest(parts ...string) string {
	b := make([]byte, 0, 256)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p))) // #nosec G115 -- parts are bounded by what a frame or a body may be, far below 4 GiB
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return lettersAndDigits.EncodeToString(sum[:16])
}
