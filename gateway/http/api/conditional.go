package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// answerTagged answers with an entity tag of the content, or with 304 when the
// client has this very content (RFC 9110, section 13.1.2).
func (s *Server) answerTagged(w http.ResponseWriter, r *http.Request, body any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(body); err != nil {
		s.fail(w, r, err)
		return
	}
	sum := sha256.Sum256(b.Bytes())
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache") // kept, and asked for again each time
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b.Bytes()) // the client is gone when this fails
}

// matches compares entity tags weakly, as If-None-Match asks for.
func matches(lists []string, tag string) bool {
	for _, t := range strings.Split(strings.Join(lists, ","), ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}
