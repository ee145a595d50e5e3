package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// CheckURL refuses addresses that updates must not go to: anything but https, and
// http but to this machine.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("not a URL: %w", err)
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "":
		return errors.New("no host")
	case u.User != nil:
		return errors.New("a password in the URL would be logged; receivers know us by the signature")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && (host == "localhost" || err == nil && ip.IsLoopback()):
		return nil
	}
	return errors.New("neither https nor loopback")
}

// errPlace is why a name that resolves to an unexpected address is not connected.
var errPlace = errors.New("webhook: not an address that updates may go to")

// newClient makes a client that connects only where the URL may lead: a name that
// resolves elsewhere is refused at the connection itself, redirects are not
// followed, and no proxy from the environment is used.
func newClient(scheme string, timeout time.Duration) *http.Client {
	d := net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		place, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %q", errPlace, address)
		}
		ip := place.Addr().Unmap()
		if scheme == "http" && !ip.IsLoopback() || ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() {
			return fmt.Errorf("%w: %s", errPlace, ip)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: d.DialContext, TLSHandshakeTimeout: timeout, ForceAttemptHTTP2: true, MaxIdleConns: 2, IdleConnTimeout: time.Minute},
	}
}
