package sitetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// BrowserTime is how long a test waits for what a loaded machine draws slowly.
const BrowserTime = 4 * time.Minute

// PageBuilt tells whether the binary carries the page; where tests must have it,
// its lack is a failure.
func PageBuilt(t *testing.T) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(Root(t), "gateway", "http", "web", "dist", "index.html"))
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("the page is not built: make page")
	}
	return err == nil
}

// NeedPage skips a test where the binary does not carry the page.
func NeedPage(t *testing.T) {
	t.Helper()
	if !PageBuilt(t) {
		t.Skip("the page is not built: make page")
	}
}

// WithoutMap is a Chromium that draws no map, as on a machine without WebGL: the
// rest of the page must work, and several of them run at once on a small machine.
var WithoutMap = chromedp.Flag("disable-3d-apis", true)

// Chromium opens a Chromium of the test's own, with one tab.
func Chromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	return ChromiumFor(t, BrowserTime, more...)
}

// ChromiumFor opens one that lasts so long.
func ChromiumFor(t *testing.T, lasts time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.Flag("use-angle", "swiftshader"), chromedp.Flag("enable-unsafe-swiftshader", true),
		chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1400, 850), chromedp.UserDataDir(t.TempDir())), more...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The browser lives as long as the context of its first action.
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("no Chromium: %v", err)
	}
	return ctx
}

// Do runs actions one after the other.
func Do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, a := range actions {
		step, cancel := context.WithTimeout(ctx, stepTakes)
		_, err := chromedp.Run(step, a)
		cancel()
		if err != nil {
			shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			t.Fatalf("step %d on the page: %v\nthe page shows: %s", i+1, err, shown)
		}
	}
}

// stepTakes is how long one action may take on a machine that does much else.
const stepTakes = 90 * time.Second

// Until asks the page until something is true. (Evaluating from outside is not
// bound by the page's policy, which forbids it to make functions of text.)
func Until(ctx context.Context, t *testing.T, what, expression string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`Promise.resolve(`+expression+`)`, chromedp.EvalAwaitPromise))
		if is && err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v, %v", what, ctx.Err(), err)
		}
	}
}

// ReadOff reads something off the page.
func ReadOff[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// TabTo presses Tab until the keyboard is at what is sought.
func TabTo(ctx context.Context, t *testing.T, selector string) {
	t.Helper()
	const atMost = 80 // more than the page has to stop at
	for range atMost {
		Do(ctx, t, chromedp.KeyEvent("\t"))
		if ReadOff[bool](ctx, t, fmt.Sprintf(`Boolean(document.activeElement?.matches(%q))`, selector)) {
			return
		}
	}
	t.Fatalf("Tab does not get to %s", selector)
}
