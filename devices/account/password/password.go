package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id: 19 MiB, two passes, one lane (OWASP Password Storage
// Cheat Sheet).
const (
	argonMemoryKiB = 19 * 1024
	argonPasses    = 2
	argonLanes     = 1
	argonKeyBytes  = 32
	saltBytes      = 16
)

// Hash returns the argon2id hash of a password with a fresh salt, in the
// usual text form.
func Hash(secret []byte) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the process instead
	key := argon2.IDKey(secret, salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// Verify tells whether a password has the given hash. A hash that cannot
// be read costs as much time as one that can.
func Verify(hash string, secret []byte) bool {
	salt, want, err := parseHash(hash)
	if err != nil {
		salt, want = make([]byte, saltBytes), make([]byte, argonKeyBytes)
	}
	key := argon2.IDKey(secret, salt, argonPasses, argonMemoryKiB, argonLanes, argonKeyBytes)
	return subtle.ConstantTimeCompare(key, want) == 1 && err == nil
}

func parseHash(hash string) (salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	head := fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d", argon2.Version, argonMemoryKiB, argonPasses, argonLanes)
	if len(parts) != 6 || strings.Join(parts[:4], "$") != head {
		return nil, nil, fmt.Errorf("password: not a hash made here")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return nil, nil, fmt.Errorf("password: cannot read the salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return nil, nil, fmt.Errorf("password: cannot read the hash: %w", err)
	}
	if len(key) != argonKeyBytes {
		return nil, nil, fmt.Errorf("password: hash of %d bytes, not %d", len(key), argonKeyBytes)
	}
	return salt, key, nil
}
