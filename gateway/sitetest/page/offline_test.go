package page

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"htgateway/gateway/sitetest"
)

// TestPageSoundsABreach lets a clock of two seconds run out: the alarm shows by
// shape and text, one key acknowledges it at every desk; an emergency then stands
// until it is acknowledged. The same page must satisfy axe-core.
func TestPageSoundsABreach(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	procedure, err := os.ReadFile("../../../configs/sop-majalengka.yaml")
	if err != nil {
		t.Fatal(err)
	}
	procedure = bytes.Replace(procedure, []byte("on_scene_update: 10m"), []byte("on_scene_update: 2s"), 1)
	if err := os.WriteFile(filepath.Join(s.Dir, "sop.yaml"), procedure, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Configure("sop_file: sop.yaml\n")
	s.Start()
	defer s.Stop()
	ctx := sitetest.Chromium(t)
	s.OpenIncident()
	sitetest.Do(ctx, t, chromedp.Navigate(s.Page), chromedp.WaitVisible(`.alarm.breached .shape`))
	sitetest.Until(ctx, t, "the breach is not shown by shape and words",
		`/■.*Kabar tiba DAMKAR 1: lewat/s.test(document.querySelector(".alarm.breached")?.textContent ?? "")`)
	noSeriousFinding(ctx, t)
	sitetest.Do(ctx, t, chromedp.KeyEvent("a"))
	sitetest.Until(ctx, t, "the breach is not acknowledged", `!document.querySelector(".alarm.breached, .alarm.warning")`)
	sitetest.Until(ctx, t, "other desks still see the alarm", `fetch("/api/v1/alarms").then(r => r.json()).then(a => a.alarms.length === 0)`)

	s.Press("10")
	sitetest.Do(ctx, t, chromedp.WaitVisible(`.alarm.emergency`))
	s.Press("88") // the radio left its emergency mode: no person has said that all is well
	s.Press("14")
	sitetest.Until(ctx, t, "the second key does not show", `fetch("/api/v1/units").then(r => r.json()).then(u => u.features[0].properties.status === "in_progress")`)
	if !sitetest.ReadOff[bool](ctx, t, `Boolean(document.querySelector(".alarm.emergency"))`) {
		t.Error("the emergency went by itself")
	}
	sitetest.Do(ctx, t, chromedp.KeyEvent("a"))
	sitetest.Until(ctx, t, "the emergency is not acknowledged", `!document.querySelector(".alarm.emergency, #acknowledge-emergency")`)
}

// noSeriousFinding runs axe-core on the page as it stands.
func noSeriousFinding(ctx context.Context, t *testing.T) {
	t.Helper()
	script, err := os.ReadFile("../../../gateway/http/web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("axe-core is a development dependency of the page (npm ci in gateway/http/web): %v", err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](string(script)+"; true")); err != nil {
		t.Fatal(err)
	}
	findings, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document).then((r) => r.violations
		.filter((v) => v.impact === "serious" || v.impact === "critical")
		.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.html + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
	if err != nil || len(findings) > 0 {
		t.Errorf("axe-core: %v\n%s", err, strings.Join(findings, "\n"))
	}
}

// TestPageOfflineAndBack cuts the cable between browser and gateway, lets something
// happen, and mends it; then the same while the page sleeps. The page says that it is
// behind and catches up without a reload.
func TestPageOfflineAndBack(t *testing.T) {
	sitetest.NeedPage(t)
	s := sitetest.New(t)
	s.Start()
	defer s.Stop()
	way := sitetest.NewCable(t, strings.TrimPrefix(s.Page, "http://"))
	ctx := sitetest.Chromium(t, sitetest.WithoutMap)
	sitetest.Do(ctx, t, chromedp.Navigate("http://"+way.Addr), chromedp.WaitVisible("#new"))
	sitetest.Until(ctx, t, "the page does not come up to date", `document.getElementById("banner").hidden`)
	sitetest.ReadOff[bool](ctx, t, `window.notReloaded = true`)
	way.Cut()
	sitetest.Do(ctx, t, chromedp.WaitVisible("#banner"), chromedp.WaitVisible("body.behind"))
	first := s.OpenIncident()
	if sitetest.ReadOff[bool](ctx, t, `Boolean(document.querySelector(".card"))`) {
		t.Error("a page without a network shows an incident")
	}
	sitetest.Until(ctx, t, "the page does not say how old it is", `/LAMA|Mengejar/.test(document.getElementById("banner").textContent)`)
	way.Mend()
	sitetest.Do(ctx, t, chromedp.WaitVisible(".card"))
	sitetest.Until(ctx, t, "the page stays behind", `document.getElementById("banner").hidden && window.notReloaded === true`)

	// It is put to sleep, as a laptop's lid does, and wakes up without a network: what it
	// shows until it has caught up is not called current at any moment.
	const cards = `[...document.querySelectorAll("#rows .card:not(.shut)")].map((c) => c.dataset.key).join()`
	sitetest.ReadOff[bool](ctx, t, `(window.shown = [], new MutationObserver(() => window.shown.push((document.getElementById("banner").hidden ? "current " : "behind ") + `+cards+`))
		.observe(document.body, { subtree: true, childList: true, attributes: true }), true)`)
	sitetest.Do(ctx, t, command(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateFrozen}))
	way.Cut()
	s.Post("/incidents/"+first+"/close", map[string]string{"reason": "padam"}, nil)
	second := s.OpenIncident()
	sitetest.Do(ctx, t, command(page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: page.SetWebLifecycleStateStateActive}),
		chromedp.WaitVisible("#banner"), chromedp.WaitVisible("body.behind"))
	way.Mend()
	sitetest.Until(ctx, t, "the page that slept stays behind", `document.getElementById("banner").hidden && `+cards+` === "`+second+`" && window.notReloaded === true`)
	if moments := sitetest.ReadOff[[]string](ctx, t, `window.shown`); slices.Contains(moments[slices.Index(moments, "behind "+first):], "current "+first) {
		t.Errorf("it called what was over current: %q", slices.Compact(moments))
	}
}
