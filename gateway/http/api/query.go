package api

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"htgateway/geo"
)

// known refuses parameters that a route does not have: one that is spelled wrong
// would otherwise give an answer to another question.
func known(q url.Values, names ...string) error {
	for name := range q {
		if !slices.Contains(names, name) {
			return fmt.Errorf("unknown parameter %q; known: %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

// span reads from and to, each RFC 3339 or a date in the county's time; a date as
// to includes that day. Missing ones are zero.
func span(q url.Values) (from, to time.Time, err error) { return spanNamed(q, "from", "to") }

// spanNamed is span of parameters that are called otherwise.
func spanNamed(q url.Values, fromName, toName string) (from, to time.Time, err error) {
	if from, err = parseTime(q.Get(fromName), false); err != nil {
		return from, to, fmt.Errorf("%s: %w", fromName, err)
	}
	if to, err = parseTime(q.Get(toName), true); err != nil {
		return from, to, fmt.Errorf("%s: %w", toName, err)
	}
	if !from.IsZero() && !to.IsZero() && !from.Before(to) {
		return from, to, fmt.Errorf("%s (%s) is not before %s (%s)", fromName, from.Format(time.RFC3339), toName, to.Format(time.RFC3339))
	}
	return from, to, nil
}

func parseTime(s string, isEnd bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, geo.WIB())
	if err != nil {
		return t, fmt.Errorf("%q is neither an RFC 3339 time nor a date", s)
	}
	if isEnd {
		t = t.AddDate(0, 0, 1)
	}
	return t, nil
}

// pageSize reads limit.
func pageSize(q url.Values, usual, most int) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("limit is %q, not a number from 1 to %d", text, most)
	}
	return n, nil
}

// nextLink is where the next page is, for a Link header (RFC 8288).
func nextLink(u *url.URL, cursor string) string {
	q := u.Query()
	q.Set("cursor", cursor)
	return "<" + u.Path + "?" + q.Encode() + `>; rel="next"`
}

var errCursor = errors.New("cursor is none that this route gave out")

// writeCursor names a place in a list that is ordered by a time and by names.
func writeCursor(at time.Time, names ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(append([]string{strconv.FormatInt(at.UnixNano(), 10)}, names...), "\x00")))
}

// readCursor reads a place with so many names, of which the first is not empty. Errors:
// errCursor.
func readCursor(cursor string, names int) (time.Time, []string, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return time.Time{}, nil, errCursor
	}
	parts := strings.Split(string(text), "\x00")
	if len(parts) != names+1 || parts[1] == "" {
		return time.Time{}, nil, errCursor
	}
	nanos, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return time.Time{}, nil, errCursor
	}
	return time.Unix(0, nanos).UTC(), parts[1:], nil
}
