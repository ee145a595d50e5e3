package page

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/oauth2-proxy/mockoidc"

	"htgateway/gateway/sitetest"
)

// answered has the questions that the page asks by itself (confirm) answered, and
// passes on what they were.
func answered(ctx context.Context, t *testing.T, yes bool) <-chan string {
	t.Helper()
	asked, shown := make(chan string, 10), make(chan string, 10)
	if err := chromedp.Listen(ctx, func(e any) {
		if q, is := e.(*page.EventJavascriptDialogOpening); is {
			asked <- q.Message
		}
	}); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			select {
			case q := <-asked:
				if _, err := chromedp.Run(ctx, command(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: yes})); err == nil {
					shown <- q
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return shown
}

// TestPeopleOfAnotherServiceOnThePage: the sign-in page has the service's button as the
// configuration calls it; the service's dispatcher comes back as a dispatcher to where
// she wanted to go, signs out, and the service's viewer may look and no more. Somebody
// without a role is shown so, and is not let in.
func TestPeopleOfAnotherServiceOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	user := func(name string, groups ...string) {
		provider.QueueUser(&mockoidc.MockUser{Subject: name, PreferredUsername: name, Email: name + "@example.org", Groups: groups})
	}
	s := sitetest.New(t)
	addPeople(s, "rini") // whoever has a password here goes on using it
	s.WriteFile("secret", provider.ClientSecret+"\n")
	at := fmt.Sprintf("127.0.0.1:%d", sitetest.FreePort(t))
	s.ReplaceConfig(`http: {users_file: people, listen: "127.0.0.1:0"}`, fmt.Sprintf(`http:
  users_file: people
  listen: %q
  public_url: http://%s
  oidc:
    issuer: %q
    client_id: %q
    client_secret_file: secret
    roles: [{value: dispatchers-112, role: dispatcher}, {value: staff, role: viewer}]
    label: Masuk dengan akun Pemkab / Sign in with the county account`, at, at, provider.Issuer(), provider.ClientID))
	s.Start()
	defer s.Stop()
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	questions := answered(ctx, t, true)
	name := func(want string) {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.WaitVisible("#sign-out"))
		sitetest.Until(ctx, t, "the page does not say who is signed in: "+want, fmt.Sprintf(`document.getElementById("sign-out").textContent.includes(%q)`, want))
	}

	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#elsewhere"), chromedp.WaitVisible("#password"))
	if label := sitetest.ReadOff[string](ctx, t, `document.getElementById("elsewhere").innerText`); label != "Masuk dengan akun Pemkab\nSign in with the county account" {
		t.Errorf("the button says %q", label)
	}
	noSeriousFinding(ctx, t)

	user("tamu", "visitors")
	sitetest.Do(ctx, t, chromedp.Click("#elsewhere"), chromedp.WaitVisible(".trouble"))
	if said := sitetest.ReadOff[string](ctx, t, `document.querySelector(".trouble").textContent`); said != "Akun ini tidak punya peran di sini. / This account has no role here." {
		t.Errorf("somebody without a role is shown %q", said)
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#elsewhere"))

	user("siti", "staff", "dispatchers-112")
	sitetest.Do(ctx, t, chromedp.Click("#elsewhere"), chromedp.WaitVisible("#new"))
	name("siti")
	if path := sitetest.ReadOff[string](ctx, t, `location.pathname`); path != "/" {
		t.Errorf("she came to %s", path)
	}
	sitetest.Do(ctx, t, chromedp.Click("#sign-out"), chromedp.WaitVisible("#elsewhere"))
	if q := <-questions; q != "Keluar dari halaman ini?" {
		t.Errorf("signing out asks %q", q)
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#elsewhere")) // out for good

	user("andi", "staff")
	sitetest.Do(ctx, t, chromedp.Click("#elsewhere"))
	name("andi")
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
	if sitetest.ReadOff[bool](ctx, t, `Boolean(document.getElementById("new"))`) {
		t.Error("a viewer may open incidents")
	}
}
