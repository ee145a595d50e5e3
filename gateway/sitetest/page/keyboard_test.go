package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestPageByKeyboardAlone takes an incident from its opening to its closing without a
// mouse: every act has a key, every form takes the keyboard when it opens and gives it
// back when it ends.
func TestPageByKeyboardAlone(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	key := func(text string) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(text) }
	has := func(what, focused string) {
		sitetest.Until(ctx, t, "the keyboard is not in "+what, fmt.Sprintf(`document.activeElement?.matches(%q)`, focused))
	}
	timeline := func(what string) {
		sitetest.Do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"`+what+`")]`))
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"))
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)

	sitetest.Do(ctx, t, key("n"))
	has("the form's categories", `#form input[name="category"]`)
	sitetest.Do(ctx, t, digit("2")) // fire; the place is next
	has("the place", `#form input[name="where"]`)
	sitetest.Do(ctx, t, key("talaga kulon"), chromedp.WaitVisible(".found button"), key("\r"))
	sitetest.Until(ctx, t, "the place is not taken", `document.querySelector('#form input[name="where"]').value.startsWith("Talaga Kulon")`)
	sitetest.Do(ctx, t, key("\t"), key("dekat pasar"), key("\r"), chromedp.WaitVisible(".card.selected"))
	sitetest.Until(ctx, t, "the form stays", `!document.getElementById("form").open`)
	if got := sitetest.ReadOff[string](ctx, t, `document.querySelector("#detail .title").textContent`); got == "" {
		t.Error("what was opened is not shown")
	}

	sitetest.Do(ctx, t, key("s"))
	has("the units", "#send-unit")
	sitetest.Do(ctx, t, key("damkar"), key("\r"))
	timeline("Dikirim — DAMKAR 1")
	sitetest.Do(ctx, t, key("\x1b"))
	sitetest.Do(ctx, t, key("z")) // sending is undone, and done again
	sitetest.Until(ctx, t, "the sending is not undone", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.incident === "")`)
	sitetest.Do(ctx, t, key("s"))
	has("the units", "#send-unit")
	// The page hears of it a moment after the API: until then the unit is on the incident.
	sitetest.Do(ctx, t, key("damkar"), chromedp.WaitVisible(".candidates button"), key("\r"))
	sitetest.Until(ctx, t, "the unit is not sent again", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.incident !== "")`)
	sitetest.Do(ctx, t, key("\x1b"))

	s.Press("13")
	timeline("Tiba di lokasi — DAMKAR 1")
	sitetest.Do(ctx, t, key("r"))
	timeline("Ditinjau")
	sitetest.Do(ctx, t, key("c"))
	has("the note", `#detail input[name="text"]`)
	sitetest.Do(ctx, t, key("dua korban"), key("\r"))
	timeline("dua korban")

	// A wrong time is put right, with its reason: the button is reached by Tab alone.
	sitetest.ReadOff[bool](ctx, t, `(document.querySelector(".timeline").closest("#detail").querySelector("#back").focus(), true)`)
	sitetest.TabTo(ctx, t, `.timeline button.more`)
	sitetest.Do(ctx, t, key("\r"), chromedp.WaitVisible(".evidence"))
	sitetest.TabTo(ctx, t, `.evidence button.small`)
	sitetest.Do(ctx, t, key("\r"))
	has("the correction", `form.ask input[name="at"]`)
	sitetest.TabTo(ctx, t, `form.ask input[name="reason"]`)
	sitetest.Do(ctx, t, key("menurut buku jaga"), key("\r"))
	sitetest.Until(ctx, t, "the correction is not shown", `document.querySelector(".timeline .was")?.textContent.includes("menurut buku jaga")`)

	s.Press("16")
	timeline("Selesai — DAMKAR 1")
	sitetest.Do(ctx, t, key("x"))
	has("the outcome", `#detail input[name="why"]`)
	sitetest.Do(ctx, t, key("padam"), key("\r"))
	timeline("Ditutup")
	sitetest.Do(ctx, t, key("\x1b")) // back to the board
	sitetest.Until(ctx, t, "the panel stays", `document.getElementById("detail").hidden`)
	s.Stop()
}

// digit presses a key as a keyboard does, in one event with its text: what the page
// takes for itself is then not typed into the field that it goes to.
func digit(text string) chromedp.Action[chromedp.Void] {
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: text, Text: text}
	return chromedp.Steps(command(input.DispatchKeyEvent, down), command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: text}))
}
