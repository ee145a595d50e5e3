package signin

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed page.html page.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html"))

// pagePolicy lets the sign-in page be styled and sent, and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the largest form that is read, in bytes.
const maxForm = 4 << 10

// Register adds the routes of the sign-in page: it needs no script, so that it
// works on whatever browser a wall screen has.
func (d *Door) Register(mux *http.ServeMux, county string) {
	mux.HandleFunc("GET /signin", func(w http.ResponseWriter, r *http.Request) { d.show(w, r, county, http.StatusOK, "") })
	mux.HandleFunc("POST /signin", func(w http.ResponseWriter, r *http.Request) { d.take(w, r, county) })
	if d.voucher != nil {
		mux.HandleFunc("GET /signin/oidc", func(w http.ResponseWriter, r *http.Request) { d.elsewhere(w, r, county) })
		mux.HandleFunc("GET /signin/oidc/back", func(w http.ResponseWriter, r *http.Request) { d.vouched(w, r, county) })
	}
	mux.HandleFunc("POST /signout", d.leave)
	mux.HandleFunc("GET /enter", d.enter)
	mux.HandleFunc("GET /signin.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "page.css")
	})
}

func (d *Door) show(w http.ResponseWriter, r *http.Request, county string, status int, trouble string) {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A label in both languages, as the page's own words are, gets a line for each.
	elsewhere, abroad := "", ""
	if d.voucher != nil {
		elsewhere, abroad, _ = strings.Cut(d.o.OIDC.Label, " / ")
	}
	_ = page.Execute(w, map[string]any{ // the client is gone when this fails
		"County": county, "Trouble": trouble, "Name": clip(r.FormValue("name")), "Next": inside(r.FormValue("next")),
		"Passwords": d.o.UsersFile != "", "Elsewhere": elsewhere, "Abroad": abroad,
	})
}

// inside is a path of this gateway; anything else becomes the page, so that a
// link cannot lead somebody elsewhere after signing in.
func inside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/"
	}
	return next
}

func (d *Door) take(w http.ResponseWriter, r *http.Request, county string) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	session, err := d.SignIn(r.Context(), r.PostFormValue("name"), r.PostFormValue("password"), address(r))
	switch {
	case errors.Is(err, ErrRefused):
		d.show(w, r, county, http.StatusUnauthorized, "Nama atau kata sandi salah. / Name or password is wrong.")
	case errors.Is(err, ErrTooFast):
		seconds, _ := tooMany(err)
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		d.show(w, r, county, http.StatusTooManyRequests, "Terlalu banyak percobaan; tunggu sebentar. / Too many attempts; wait a little.")
	case err != nil:
		d.o.Log.Error("sign-in failed", "reason", err)
		d.show(w, r, county, http.StatusInternalServerError, "Gateway tidak bisa membaca daftar pengguna. / The gateway cannot read its users.")
	default:
		SetCookie(w, r, session)
		http.Redirect(w, r, inside(r.PostFormValue("next")), http.StatusSeeOther) // #nosec G710 -- inside lets only paths of this gateway through
	}
}

func (d *Door) leave(w http.ResponseWriter, r *http.Request) {
	if err := d.SignOut(r); err != nil {
		d.o.Log.Error("session cannot be ended", "reason", err)
	}
	ClearCookie(w, r)
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

func (d *Door) enter(w http.ResponseWriter, r *http.Request) {
	session, err := d.Redeem(r.URL.Query().Get("key"), address(r))
	if err != nil {
		http.Error(w, "Tautan ini sudah dipakai, terlalu lama, atau tidak dikenal. / This link was used before, is too old or is not known.", http.StatusForbidden)
		return
	}
	SetCookie(w, r, session)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// Page lets a browser at the page only after signing in, where there are users;
// its scripts and pictures tell nothing and are served to all.
func (d *Door) Page(next http.Handler) http.Handler {
	if !d.HasUsers() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			if _, known := d.Who(r); !known {
				http.Redirect(w, r, "/signin", http.StatusSeeOther)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
