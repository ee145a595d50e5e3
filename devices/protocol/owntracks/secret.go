package owntracks

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/nacl/secretbox"

	"htgateway/devices"
)

// Secret is the pass phrase that a phone's app encrypts its payloads with, padded
// with zeros.
type Secret [32]byte

// ErrSecretLength is returned for a secret that the app could not have.
var ErrSecretLength = errors.New("owntracks: a secret is 1 to 32 bytes")

// ParseSecret takes a pass phrase as it was typed into the app.
func ParseSecret(s string) (Secret, error) {
	var key Secret
	if len(s) == 0 || len(s) > len(key) {
		return key, fmt.Errorf("%w, not %d", ErrSecretLength, len(s))
	}
	copy(key[:], s)
	return key, nil
}

const nonceBytes = 24

// open decrypts an encrypted payload: base64 of a nonce and a libsodium secretbox.
// That it opens proves that the sender has the secret. Source: OwnTracks booklet,
// "Payload encryption".
func (d *Decoder) open(device devices.Identity, data string) ([]byte, error) {
	_, name, _ := strings.Cut(string(device), ":")
	user, _, _ := strings.Cut(name, "/")
	key, known := d.secrets[name]
	if !known {
		if key, known = d.secrets[user]; !known {
			return nil, ErrEncrypted
		}
	}
	sealed, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(sealed) < nonceBytes+secretbox.Overhead {
		return nil, fmt.Errorf("%w: data is no sealed box", ErrNotJSON)
	}
	opened, ok := secretbox.Open(nil, sealed[nonceBytes:], (*[nonceBytes]byte)(sealed[:nonceBytes]), (*[32]byte)(&key))
	if !ok {
		return nil, ErrSecret
	}
	return opened, nil
}
