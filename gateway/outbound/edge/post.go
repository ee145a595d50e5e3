package edge

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"htgateway/geo"
)

// postWithin bounds one delivery over a weak link.
const postWithin = 60 * time.Second

// refusedError is an answer that the same delivery would get again.
type refusedError struct {
	status string
	said   string
}

func (e *refusedError) Error() string { return "the centre refuses: " + e.status + " " + e.said }

// post hands deliveries to the centre, to one of its gateways that answers.
type post struct {
	site, password string
	centres        []string
	client         *http.Client
	now            func() time.Time

	mu      sync.Mutex
	current int
	// clock and doubt are how the site's clock stands to the centre's, and by how much
	// that may be wrong, in seconds.
	clock, doubt geo.Reading
	// noted gets each measurement.
	noted func(ctx context.Context, clockS, errorS float64)
}

func newPost(s Settings) *post {
	return &post{
		site: s.Site, password: s.Password, centres: s.Centres, now: s.Now,
		client: &http.Client{Timeout: postWithin, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig: s.TLS, TLSHandshakeTimeout: 15 * time.Second, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			// A connection for each delivery that is under way: what is news does not
			// stand behind what waited.
			TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		}},
	}
}

// send returns nil once the centre has journaled the delivery's records. Of the centre's
// gateways those that do not take it are passed over.
func (p *post) send(ctx context.Context, d Delivery) (err error) {
	for range p.centres {
		p.mu.Lock()
		centre := p.centres[p.current]
		d.ClockS, d.ErrorS = p.clock, p.doubt
		p.mu.Unlock()
		receipt, began, ended, once := p.once(ctx, centre, d)
		if once == nil {
			if len(d.Records) == 0 || !known(d.ClockS) {
				p.measure(ctx, receipt.Now, began, ended)
			}
			return nil
		}
		err = errors.Join(err, fmt.Errorf("cannot deliver to %s: %w", centre, once))
		var refused *refusedError
		if errors.As(once, &refused) || ctx.Err() != nil {
			return err
		}
		p.pass(centre)
	}
	return err
}

// pass goes on to the next of the centre's gateways, unless that was done already.
func (p *post) pass(centre string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.centres[p.current] == centre {
		p.current = (p.current + 1) % len(p.centres)
	}
}

func known(r geo.Reading) bool {
	_, is := r.Value()
	return is
}

// measure takes how the clocks stand from one round trip: the centre read its clock
// somewhere between the two times.
func (p *post) measure(ctx context.Context, centre, began, ended time.Time) {
	way := ended.Sub(began) / 2
	clock := began.Add(way).Sub(centre).Seconds()
	p.mu.Lock()
	p.clock, p.doubt = geo.Measured(clock), geo.Measured(way.Seconds())
	p.mu.Unlock()
	p.noted(ctx, clock, way.Seconds())
}

// stepped takes that the site's clock was set ahead by so many seconds.
func (p *post) stepped(s float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if was, known := p.clock.Value(); known {
		p.clock = geo.Measured(was + s)
	}
}

// once makes one attempt; the times are by the site's clock, around the request.
func (p *post) once(ctx context.Context, centre string, d Delivery) (receipt Receipt, began, ended time.Time, err error) {
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	if err := errors.Join(json.NewEncoder(zip).Encode(d), zip.Close()); err != nil {
		return receipt, began, ended, fmt.Errorf("cannot encode a delivery: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(centre, "/")+Path(p.site), &body)
	if err != nil {
		return receipt, began, ended, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Encoding", "gzip")
	req.SetBasicAuth(p.site, p.password)
	began = p.now()
	resp, err := p.client.Do(req)
	if err != nil {
		return receipt, began, ended, err
	}
	ended = p.now()
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	switch {
	case err != nil:
		return receipt, began, ended, fmt.Errorf("cannot read the receipt: %w", err)
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusRequestEntityTooLarge || resp.StatusCode == http.StatusUnprocessableEntity:
		return receipt, began, ended, &refusedError{resp.Status, string(answer)}
	case resp.StatusCode != http.StatusOK:
		return receipt, began, ended, fmt.Errorf("%s %s", resp.Status, bytes.TrimSpace(answer))
	}
	if err := json.Unmarshal(answer, &receipt); err != nil {
		return receipt, began, ended, fmt.Errorf("cannot read the receipt: %w", err)
	}
	if receipt.Taken != len(d.Records) {
		return receipt, began, ended, fmt.Errorf("the centre took %d of %d records", receipt.Taken, len(d.Records))
	}
	return receipt, began, ended, nil
}

// stands is how the site's clock stands to the centre's.
func (p *post) stands() (clock, doubt geo.Reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock, p.doubt
}
