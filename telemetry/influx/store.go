package influx

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"htgateway/telemetry"
)

// Settings say where the server is.
type Settings struct {
	// URL of the server, "http://127.0.0.1:8086".
	URL string
	// Org is ignored by version 1.8.
	Org string
	// Bucket, on version 1.8 "database/retention policy".
	Bucket string
	// Token, on version 1.8 "user:password"; empty for a server without sign-in.
	Token string
	// Area is the service area: only points with this tag are read, and forgotten. Empty for
	// all that is in the bucket.
	Area string
	// Timeout of one write; zero for 10 s.
	Timeout time.Duration
}

const (
	defaultTimeout = 10 * time.Second
	// answerTimeout is how long the server may think about a query before its
	// first row.
	answerTimeout = time.Minute
)

// Store is a bucket on an InfluxDB server. It is safe for concurrent use.
type Store struct {
	settings  Settings
	transport *http.Transport
	client    influxdb2.Client
	write     api.WriteAPIBlocking
	query     api.QueryAPI
}

// New returns a store. It does not ask the server, which may come up later.
func New(s Settings) (*Store, error) {
	u, err := url.Parse(s.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("influx: the URL cannot be read: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("influx: the URL must be http:// or https:// with a host, not %q", u.Redacted())
	case s.Bucket == "":
		return nil, errors.New("influx: no bucket is set")
	}
	if s.Timeout <= 0 {
		s.Timeout = defaultTimeout
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   4,
	}
	options := influxdb2.DefaultOptions().SetHTTPClient(&http.Client{Transport: transport}).SetApplicationName("htgateway")
	client := influxdb2.NewClientWithOptions(s.URL, s.Token, options)
	return &Store{
		settings: s, transport: transport, client: client,
		write: client.WriteAPIBlocking(s.Org, s.Bucket), query: client.QueryAPI(s.Org),
	}, nil
}

// Check asks whether the server is there and lets this token write to this bucket,
// without writing anything.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.settings.Timeout)
	defer cancel()
	err := s.write.WriteRecord(ctx, "\n")
	if err == nil || atFault(status(err)) { // some servers find fault with a write of no points, once they would take one
		return nil
	}
	return fmt.Errorf("influx: cannot write: %w: %s", telemetry.ErrUnavailable, reason(err))
}

// Close lets go of the connections.
func (s *Store) Close() error {
	s.client.Close()
	s.transport.CloseIdleConnections()
	return nil
}

// status is the HTTP status behind an error of the client, 0 when there was no
// answer.
func status(err error) int {
	var e *influxhttp.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

// reason is what the server said. Version 1.8 says it in a header that the
// client does not read for JSON answers.
func reason(err error) string {
	var e *influxhttp.Error
	if errors.As(err, &e) {
		for _, said := range []string{e.Message, e.Header.Get("X-Influxdb-Error")} {
			if said != "" {
				return fmt.Sprintf("%s (status %d)", said, e.StatusCode)
			}
		}
	}
	return err.Error()
}
