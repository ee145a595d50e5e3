package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// The headers of a POST.
const (
	HeaderID        = "Htgateway-Id"
	HeaderTimestamp = "Htgateway-Timestamp"
	HeaderSignature = "Htgateway-Signature"
)

// Sign returns the signature of a body sent at a time, as it stands in the header.
func Sign(secret []byte, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(strconv.AppendInt(nil, at.Unix(), 10)) // a hash never fails to take bytes
	mac.Write([]byte{'.'})
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}
