package config

import (
	"fmt"
	"net/url"
	"slices"

	"htgateway/gateway/http/signin"
)

// OIDC is another service that vouches for people; off without an issuer.
type OIDC struct {
	Issuer           string               `yaml:"issuer"`
	ClientID         string               `yaml:"client_id"`
	ClientSecretFile string               `yaml:"client_secret_file"`
	NameClaim        string               `yaml:"name_claim"`
	RoleClaim        string               `yaml:"role_claim"`
	Roles            []signin.ClaimedRole `yaml:"roles"`
	Label            string               `yaml:"label"`
	// ClientSecret is read from ClientSecretFile.
	ClientSecret Secret `yaml:"-"`
}

// Vouching is what the sign-in needs of it.
func (h *HTTP) Vouching() signin.OIDC {
	o := h.OIDC
	return signin.OIDC{
		Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: string(o.ClientSecret), Back: h.PublicURL,
		NameClaim: o.NameClaim, RoleClaim: o.RoleClaim, Roles: o.Roles, Label: o.Label,
	}
}

func (c *Config) checkOIDC(complain func(string, ...any)) {
	o := c.HTTP.OIDC
	if o.Issuer == "" {
		return
	}
	u, err := url.Parse(o.Issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		complain(fmt.Sprintf("http.oidc.issuer %q is not https://host", o.Issuer), "http", "oidc", "issuer")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		complain("http.oidc.issuer is beyond this machine: it needs https", "http", "oidc", "issuer")
	}
	if c.HTTP.PublicURL == "" {
		complain("http.oidc sends people back to http.public_url: set it", "http", "oidc", "issuer")
	}
	if o.ClientID == "" || o.NameClaim == "" || o.RoleClaim == "" || o.Label == "" {
		complain("http.oidc needs client_id, name_claim, role_claim and label", "http", "oidc")
	}
	if len(o.Roles) == 0 {
		complain("http.oidc.roles is empty: nobody would be let in", "http", "oidc")
	}
	for i, r := range o.Roles {
		if r.Value == "" || !slices.Contains(signin.Roles(), r.Role) {
			complain(fmt.Sprintf("http.oidc.roles: value %q has role %q, not one of %v", r.Value, r.Role, signin.Roles()), "http", "oidc", "roles", i)
		}
	}
}
