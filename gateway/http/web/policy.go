package web

import "strings"

// Policy is [ContentSecurityPolicy], widened for the map's tile server when there
// is one: its origin may be read from and shown, nothing else.
func Policy(tilesOrigin string) string {
	if tilesOrigin == "" {
		return ContentSecurityPolicy
	}
	return strings.NewReplacer("img-src 'self'", "img-src 'self' "+tilesOrigin, "connect-src 'self'", "connect-src 'self' "+tilesOrigin).Replace(ContentSecurityPolicy)
}
