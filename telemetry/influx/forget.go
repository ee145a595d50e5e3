package influx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"htgateway/telemetry"
)

// Reset forgets what is made of updates, of this service area, and nothing else that is
// in the bucket: how links stood, which nothing makes again, stays too.
func (s *Store) Reset(ctx context.Context) error {
	for _, m := range telemetry.MadeOfUpdates() {
		if err := s.remove(ctx, m, time.Now().AddDate(10, 0, 0), s.statement("DROP SERIES", m)); err != nil {
			return fmt.Errorf("influx: cannot reset %s: %w: %w", m, telemetry.ErrUnavailable, err)
		}
	}
	return nil
}

// Forget removes a measurement's points before a time. How many there were is not
// known: -1.
func (s *Store) Forget(ctx context.Context, measurement string, before time.Time) (int64, error) {
	if err := s.remove(ctx, measurement, before, s.statement("DELETE", measurement, fmt.Sprintf("time < %d", before.UnixNano()))); err != nil {
		return 0, fmt.Errorf("influx: cannot remove old points: %w: %w", telemetry.ErrUnavailable, err)
	}
	return -1, nil
}

// Thin is for a task of InfluxDB's own.
func (s *Store) Thin(context.Context, string, time.Time, time.Duration) (int64, error) {
	return 0, errors.New("influx: points are thinned by a task of InfluxDB")
}

// statement is one of version 1.8 about the points of this area.
func (s *Store) statement(verb, measurement string, conditions ...string) string {
	if area := telemetry.TagValue(s.settings.Area); area != "" {
		conditions = append(conditions, fmt.Sprintf("area = '%s'", strings.ReplaceAll(area, "'", `\'`)))
	}
	out := fmt.Sprintf("%s FROM %q", verb, measurement)
	if len(conditions) > 0 {
		out += " WHERE " + strings.Join(conditions, " AND ")
	}
	return out
}

// remove removes a measurement's points before a time, by the API of version 2, or
// by a statement of version 1.8, which has no such thing in its v2 API.
func (s *Store) remove(ctx context.Context, measurement string, before time.Time, statement string) error {
	predicate := fmt.Sprintf("_measurement=%q", measurement)
	if area := telemetry.TagValue(s.settings.Area); area != "" {
		predicate += fmt.Sprintf(" AND area=%q", area)
	}
	err := s.client.DeleteAPI().DeleteWithName(ctx, s.settings.Org, s.settings.Bucket, time.Unix(0, 0), before, predicate)
	if status(err) == http.StatusNotFound || status(err) == http.StatusMethodNotAllowed || err != nil && strings.Contains(err.Error(), "404") {
		return s.query1(ctx, statement)
	}
	return err
}

// query1 runs a statement by the API of version 1.
func (s *Store) query1(ctx context.Context, statement string) error {
	database, _, _ := strings.Cut(s.settings.Bucket, "/")
	form := url.Values{"db": {database}, "q": {statement}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(s.settings.URL, "/")+"/query", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if s.settings.Token != "" {
		req.Header.Set("Authorization", "Token "+s.settings.Token)
	}
	resp, err := (&http.Client{Transport: s.transport, Timeout: answerTimeout}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return err
	}
	// A measurement that was never written is not an error.
	if resp.StatusCode != http.StatusOK || strings.Contains(string(body), `"error"`) && !strings.Contains(string(body), "measurement not found") {
		return fmt.Errorf("status %d: %s", resp.StatusCode, strings.TrimSpace(string(body)))
	}
	return nil
}
