package page

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestMessageToARadioOnThePage writes to a unit's radio from its panel and reads what
// becomes of it: on its way, at the radio, refused, sent again, and never answered. The
// base station on the pty answers as Kenwood's does, a TNC passes on what APRS is.
func TestMessageToARadioOnThePage(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.AllowTransmit("roof")
	tnc := s.AddTNC()
	s.Start()
	defer s.Stop()
	const done, failed = "\x020\x03", "\x021\x03"
	commands := sitetest.Commands(t, s.Radio, 0x03)
	air, transmit := sitetest.OnAir(t, tnc)
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	// newest waits until the page shows the unit's newest message, and tells this of it.
	newest := func(text, how string) {
		t.Helper()
		sitetest.Until(ctx, t, fmt.Sprintf("the page does not say of %q: %s", text, how), fmt.Sprintf(`(() => {
			const l = document.querySelector('#detail .timeline li')?.innerText ?? "";
			return l.includes(%q) && l.includes(%q);
		})()`, text, how))
	}
	write := func(text string) {
		t.Helper()
		sitetest.Do(ctx, t, chromedp.SendKeys(`#detail form input[name="text"]`, text+"\r"))
		sitetest.Expect(t, commands, "the text", "\x02F1021001"+text+"\x03")
	}
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible("#new"), chromedp.Click("#tab-units"),
		chromedp.WaitVisible(".unitrow"), chromedp.Click(`.unitrow[data-key="damkar-1"]`), chromedp.WaitVisible("#poll"))

	write("UNIT 1, MOHON UPDATE")
	newest("UNIT 1, MOHON UPDATE", "terkirim, belum dijawab")
	s.Print(done)
	newest("UNIT 1, MOHON UPDATE", "sampai di radio · roof · dijawab radio")

	const poll = "\x02R31021001\x03"
	sitetest.Do(ctx, t, chromedp.Click("#poll"))
	for range 3 { // as often as the gateway tries
		sitetest.Expect(t, commands, "the poll", poll)
		newest("minta posisi", "terkirim, belum dijawab")
		s.Print(failed)
	}
	newest("minta posisi", "GAGAL · roof · radio induk menolak")
	sitetest.Do(ctx, t, chromedp.Click("#detail .timeline li .again"))
	sitetest.Expect(t, commands, "the poll again", poll)
	s.Print(done)
	s.Print(sitetest.Sentence("PKLSH,0649.9600,S,10813.6600,E,080102,A,102,1001,"))
	newest("minta posisi", "posisi diterima")

	// A question mark is a text like any other.
	write("?")
	s.Print(done)
	newest("?", "sampai di radio")

	// Nobody waits longer than the message is good for.
	s.Post("/units/damkar-1/messages", map[string]any{"text": "SEGERA", "expires_s": 1}, nil)
	sitetest.Expect(t, commands, "the text", "SEGERA")
	newest("SEGERA", "kedaluwarsa · roof · tidak ada jawaban setelah 1 kali kirim")

	// An APRS station is asked for its position: the next that it tells is the answer. The
	// receipt for its own message is not called a question without an answer.
	sitetest.Do(ctx, t, chromedp.Click(`.unitrow[data-key="orari-1"]`), chromedp.WaitVisible(`#detail .title[data-key="orari-1"]`), chromedp.Click("#poll"))
	sitetest.Expect(t, air, "the question", ":YB1ZZZ-9 :?APRSP")
	newest("minta posisi", "terkirim, belum dijawab")
	transmit("!0649.96S/10813.66E>")
	newest("minta posisi", "posisi diterima · tnc · dijawab radio")
	transmit(":YB1MJL-1 :TIBA{7")
	sitetest.Expect(t, air, "the receipt", ":YB1ZZZ-9 :ack7")
	newest("tanda terima pesannya", "terkirim · tnc")
	s.Post("/units/orari-1/messages", map[string]any{"poll": true, "expires_s": 1}, nil)
	newest("minta posisi", "tidak dijawab · tnc · tidak ada jawaban setelah 1 kali kirim")
	noSeriousFinding(ctx, t)
	sitetest.Do(ctx, t, chromedp.Click("#language"))
	newest("asks for position", "not answered · tnc · no answer after 1 attempt")
}
