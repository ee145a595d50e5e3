package meshtastic

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
)

// Key is a channel's key: AES-128 or AES-256, or none for a channel in the clear.
type Key []byte

// ErrKey is returned for a text that is no channel key.
var ErrKey = errors.New("meshtastic: a channel key is base64 of 1, 16 or 32 bytes")

// publicKey is the key that every node is delivered with; a key of one byte n
// stands for it with its last byte raised by n-1. Source: firmware, Channels.cpp.
var publicKey = [16]byte{0xd4, 0xf1, 0xbb, 0x3a, 0x20, 0x29, 0x07, 0x59, 0xf0, 0xbc, 0xff, 0xab, 0xcf, 0x4e, 0x69, 0x01}

// ParseKey reads a key in base64, as the apps show it; "AQ==" is the public one,
// which everybody has. Errors: [ErrKey].
func ParseKey(s string) (Key, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	switch len(b) {
	case 16, 32:
		return b, nil
	case 1:
		if b[0] == 0 {
			return Key{}, nil // not encrypted
		}
		key := publicKey
		key[15] += b[0] - 1
		return key[:], nil
	}
	return nil, fmt.Errorf("%w, not of %d", ErrKey, len(b))
}

// open decrypts a packet's content: AES in counter mode, the first counter block
// being the packet's number (64 bits, little endian), its sender (32 bits) and
// zeros. Source: Meshtastic documentation, "Encryption"; firmware CryptoEngine.cpp.
// It proves nothing: a wrong key gives bytes too.
func (k Key) open(sealed []byte, from Node, id uint32) ([]byte, error) {
	if len(k) == 0 {
		return sealed, nil
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	var counter [aes.BlockSize]byte
	binary.LittleEndian.PutUint64(counter[:8], uint64(id))
	binary.LittleEndian.PutUint32(counter[8:12], uint32(from))
	out := make([]byte, len(sealed))
	cipher.NewCTR(block, counter[:]).XORKeyStream(out, sealed)
	return out, nil
}
