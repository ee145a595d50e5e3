package tetra

import (
	"encoding/hex"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// deliveryWanted is the second byte of a transfer: reports of receipt and of
// consumption, in the standard form, which names the protocol.
const deliveryWanted = typeTransfer<<4 | 3<<2 | 1<<1

// EncodeText returns what sends a text to the ISSI or TSI called: the command, to
// be written first, and the user data with its Ctrl-Z, to be written when the
// radio prompts. The delivery reports come as frames of kind "ack" whose Sequence
// is ref. Errors: [ErrGrammar] for an address that is not 1 to 24 digits,
// [ErrTooLong] for a text of more than 251 bytes in Latin 1, or in UTF-16 when
// Latin 1 does not hold it.
func EncodeText(called string, ref byte, text string) (cmd, pdu []byte, err error) {
	if called == "" || !identity(called) {
		return nil, nil, fmt.Errorf("%w: cannot send to %q", ErrGrammar, called)
	}
	coding := byte(codingLatin1)
	said, err := charmap.ISO8859_1.NewEncoder().Bytes([]byte(text))
	if err != nil {
		coding = codingUTF16
		if said, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(text)); err != nil {
			return nil, nil, fmt.Errorf("cannot encode a text of %d bytes: %w", len(text), err)
		}
	}
	data := append([]byte{pidText, deliveryWanted, ref, coding}, said...)
	if 8*len(data) > maxBits {
		return nil, nil, fmt.Errorf("%w: text of %d bytes to %s", ErrTooLong, len(said), called)
	}
	cmd = fmt.Appendf(nil, "AT+CMGS=%s,%d\r\n", called, 8*len(data))
	pdu = append([]byte(strings.ToUpper(hex.EncodeToString(data))), ctrlZ)
	return cmd, pdu, nil
}
