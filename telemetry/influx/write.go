package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"htgateway/telemetry"
)

// mostAtOnce is how many points go into one request: what InfluxData advises.
const mostAtOnce = 5000

// Write stores points. A request that the server finds fault with is halved and
// sent again until the points at fault stand alone, and those are refused; what
// is sent twice stays the same. A server that is away, overloaded, or does not
// know the token or bucket (yet) is [telemetry.ErrUnavailable].
func (s *Store) Write(ctx context.Context, points []telemetry.Point) error {
	refused := &telemetry.RefusedError{}
	good := make([]telemetry.Point, 0, len(points))
	for _, p := range points {
		if err := p.Check(); err != nil {
			refused.Points, refused.Reasons = append(refused.Points, p), append(refused.Reasons, err.Error())
			continue
		}
		good = append(good, p)
	}
	for len(good) > 0 {
		n := min(mostAtOnce, len(good))
		if err := s.send(ctx, good[:n], refused); err != nil {
			return err
		}
		good = good[n:]
	}
	if len(refused.Points) > 0 {
		return refused
	}
	return nil
}

// send stores points or finds those that are at fault.
func (s *Store) send(ctx context.Context, points []telemetry.Point, refused *telemetry.RefusedError) error {
	err := s.post(ctx, points)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("influx: write given up: %w", errors.Join(ctx.Err(), err))
	case !atFault(status(err)):
		return fmt.Errorf("influx: cannot write: %w: %s", telemetry.ErrUnavailable, reason(err))
	case len(points) == 1:
		refused.Points, refused.Reasons = append(refused.Points, points[0]), append(refused.Reasons, reason(err))
		return nil
	}
	half := len(points) / 2
	if err := s.send(ctx, points[:half], refused); err != nil {
		return err
	}
	return s.send(ctx, points[half:], refused)
}

func (s *Store) post(ctx context.Context, points []telemetry.Point) error {
	ctx, cancel := context.WithTimeout(ctx, s.settings.Timeout)
	defer cancel()
	body := make([]byte, 0, 256*len(points))
	for _, p := range points {
		body = appendLine(body, p)
	}
	return s.write.WriteRecord(ctx, string(body))
}

// atFault tells whether a status means that something is wrong with the points.
// A wrong token, a bucket that is not there and too many requests are matters of
// the server, which somebody will put right.
func atFault(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status >= 400 && status < 500
}
