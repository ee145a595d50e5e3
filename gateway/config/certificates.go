package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS is how a link of kind mqtt is secured, nil when the link names no certificates of its own; the system's
// are then used where the URL asks for TLS.
func (l Link) TLS() (*tls.Config, error) {
	t, err := trusting("ca_file", l.CAFile)
	if err != nil || l.CertFile == "" {
		return t, err
	}
	if t == nil {
		t = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	pair, err := tls.LoadX509KeyPair(l.CertFile, l.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read cert_file and key_file: %w", err)
	}
	t.Certificates = []tls.Certificate{pair}
	return t, nil
}

// TLS is whose certificates the cluster's servers may show, nil for those that the system
// trusts.
func (j Journal) TLS() (*tls.Config, error) { return trusting("journal.ca_file", j.CAFile) }

// TLS is whose certificate the centre may show, nil for those that the system trusts.
func (e Edge) TLS() (*tls.Config, error) { return trusting("edge.ca_file", e.CAFile) }

// trusting trusts the certificates of a file that a setting names, and no others; nil
// when it names none.
func trusting(setting, file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file) // #nosec G304 -- a file that the configuration names
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", setting, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s %q holds no certificate", setting, file)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}
