package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// TestPageByKeyboardAlone takes an incident from its opening to its closing without a
// mouse: every act has a key, every form takes the keyboard when it opens and gives it
// back when it ends.
func TestPageByKeyboardAlone(t *testing.T) {
	if !pageBuilt(t) {
		return
	}
	s := newSite(t)
	s.start()
	ctx := chromium(t, withoutMap)
	key := func(text string) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(text) }
	has := func(what, focused string) {
		until(ctx, t, "the keyboard is not in "+what, fmt.Sprintf(`document.activeElement?.matches(%q)`, focused))
	}
	timeline := func(what string) {
		do(ctx, t, chromedp.WaitVisible(`//ol[@class="timeline"]//*[contains(text(),"`+what+`")]`))
	}
	do(ctx, t, chromedp.Navigate(s.page), chromedp.WaitVisible("#new"))
	until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)

	do(ctx, t, key("n"))
	has("the form's categories", `#form input[name="category"]`)
	do(ctx, t, digit("2")) // fire; the place is next
	has("the place", `#form input[name="where"]`)
	do(ctx, t, key("talaga kulon"), chromedp.WaitVisible(".found button"), key("\r"))
	until(ctx, t, "the place is not taken", `document.querySelector('#form input[name="where"]').value.startsWith("Talaga Kulon")`)
	do(ctx, t, key("\t"), key("dekat pasar"), key("\r"), chromedp.WaitVisible(".card.selected"))
	until(ctx, t, "the form stays", `!document.getElementById("form").open`)
	if got := readOff[string](ctx, t, `document.querySelector("#detail .title").textContent`); got == "" {
		t.Error("what was opened is not shown")
	}

	do(ctx, t, key("s"))
	has("the units", "#send-unit")
	do(ctx, t, key("damkar"), key("\r"))
	timeline("Dikirim — DAMKAR 1")
	do(ctx, t, key("\x1b"))
	do(ctx, t, key("z")) // sending is undone, and done again
	until(ctx, t, "the sending is not undone", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.incident === "")`)
	do(ctx, t, key("s"))
	has("the units", "#send-unit")
	// The page is told a moment after the API: until then the unit is on the incident.
	do(ctx, t, key("damkar"), chromedp.WaitVisible(".candidates button"), key("\r"))
	until(ctx, t, "the unit is not sent again", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.incident !== "")`)
	do(ctx, t, key("\x1b"))

	s.press("13")
	timeline("Tiba di lokasi — DAMKAR 1")
	do(ctx, t, key("r"))
	timeline("Ditinjau")
	do(ctx, t, key("c"))
	has("the note", `#detail input[name="text"]`)
	do(ctx, t, key("dua korban"), key("\r"))
	timeline("dua korban")

	// A wrong time is put right, with its reason: the button is reached by Tab alone.
	readOff[bool](ctx, t, `(document.querySelector(".timeline").closest("#detail").querySelector("#back").focus(), true)`)
	tabTo(ctx, t, `.timeline button.more`)
	do(ctx, t, key("\r"), chromedp.WaitVisible(".evidence"))
	tabTo(ctx, t, `.evidence button.small`)
	do(ctx, t, key("\r"))
	has("the correction", `form.ask input[name="at"]`)
	tabTo(ctx, t, `form.ask input[name="reason"]`)
	do(ctx, t, key("menurut buku jaga"), key("\r"))
	until(ctx, t, "the correction is not shown", `document.querySelector(".timeline .was")?.textContent.includes("menurut buku jaga")`)

	s.press("16")
	timeline("Selesai — DAMKAR 1")
	do(ctx, t, key("x"))
	has("the outcome", `#detail input[name="why"]`)
	do(ctx, t, key("padam"), key("\r"))
	timeline("Ditutup")
	do(ctx, t, key("\x1b")) // back to the board
	until(ctx, t, "the panel stays", `document.getElementById("detail").hidden`)
	s.stop()
}

// digit presses a key as a keyboard does, in one event with its text: what the page
// takes for itself is then not typed into the field that it goes to.
func digit(text string) chromedp.Action[chromedp.Void] {
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: text, Text: text}
	return chromedp.Steps(command(input.DispatchKeyEvent, down), command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: text}))
}
