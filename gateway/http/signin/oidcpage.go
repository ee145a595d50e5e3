package signin

import (
	"errors"
	"html/template"
	"net/http"
)

// flowCookie holds the secret of a sign-in under way. The service sends the browser
// back from another site, so that it may not be strict.
func flowCookie(r *http.Request, secret string, age int) *http.Cookie {
	name := "htgateway-oidc"
	if r.TLS != nil {
		name = "__Host-" + name
	}
	// #nosec G124 -- without TLS there is only loopback, where a browser keeps no Secure cookie; lax as the service leads back from another site
	return &http.Cookie{Name: name, Value: secret, Path: "/", MaxAge: age, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode}
}

// elsewhere sends a browser to the service that vouches for people.
func (d *Door) elsewhere(w http.ResponseWriter, r *http.Request, county string) {
	secret, address, err := d.voucher.begin(r.Context(), inside(r.URL.Query().Get("next")))
	if err != nil {
		d.o.Log.Error("sign-in elsewhere cannot begin", "reason", err)
		d.show(w, r, county, http.StatusBadGateway, "Layanan masuk tidak terjangkau. / The sign-in service is not reached.")
		return
	}
	http.SetCookie(w, flowCookie(r, secret, int(flowLife.Seconds())))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, address, http.StatusFound) // #nosec G710 -- the address is the provider's of the configuration; next passed inside
}

// onward leads from the service's redirect to the page by a step of this site's own:
// a browser does not send a strict cookie along on a way that began elsewhere.
var onward = template.Must(template.New("onward").Parse(`<!doctype html><html lang="id"><meta charset="utf-8"><title>112</title><meta http-equiv="refresh" content="0;url={{.}}"><p><a href="{{.}}">Lanjut / Go on</a>`))

// vouched takes a browser that comes back from the service.
func (d *Door) vouched(w http.ResponseWriter, r *http.Request, county string) {
	q := r.URL.Query()
	cookie, err := r.Cookie(flowCookie(r, "", 0).Name)
	if err != nil {
		cookie = &http.Cookie{}
	}
	http.SetCookie(w, flowCookie(r, "", -1))
	p, next, err := d.voucher.finish(r.Context(), cookie.Value, q.Get("state"), q.Get("code"))
	session := ""
	if err == nil {
		session, _, err = d.sessions.begin(p, true)
	}
	d.note(p.Name, address(r), "in", err)
	switch {
	case errors.Is(err, errNoRole):
		d.show(w, r, county, http.StatusForbidden, "Akun ini tidak punya peran di sini. / This account has no role here.")
	case err != nil:
		d.show(w, r, county, http.StatusUnauthorized, "Masuk lewat layanan lain gagal; coba lagi. / Signing in elsewhere failed; try again.")
	default:
		SetCookie(w, r, session)
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		_ = onward.Execute(w, next) // the client is gone when this fails
	}
}
