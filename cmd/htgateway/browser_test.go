package main

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what a loaded machine draws slowly.
const patience = 4 * time.Minute

// pageBuilt tells whether the binary carries the page; where tests must have it,
// its lack is a failure.
func pageBuilt(t *testing.T) bool {
	t.Helper()
	_, err := os.Stat("../../gateway/http/web/dist/index.html")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("the page is not built: make page")
	}
	return err == nil
}

// withoutMap is a Chromium that draws no map, as on a machine without WebGL: the
// rest of the page must work, and several of them run at once on a small machine.
var withoutMap = chromedp.Flag("disable-3d-apis", true)

// chromium opens a Chromium of the test's own, with one tab.
func chromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	return chromiumFor(t, patience, more...)
}

// chromiumFor opens one that lasts so long.
func chromiumFor(t *testing.T, lasts time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
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

// do runs actions one after the other.
func do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
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

// until asks the page until something is true. (Evaluating from outside is not
// bound by the page's policy, which forbids it to make functions of text.)
func until(ctx context.Context, t *testing.T, what, expression string) {
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

// readOff reads something off the page.
func readOff[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// tabTo presses Tab until the keyboard is at what is sought.
func tabTo(ctx context.Context, t *testing.T, selector string) {
	t.Helper()
	const atMost = 80 // more than the page has to stop at
	for range atMost {
		do(ctx, t, chromedp.KeyEvent("\t"))
		if readOff[bool](ctx, t, fmt.Sprintf(`Boolean(document.activeElement?.matches(%q))`, selector)) {
			return
		}
	}
	t.Fatalf("Tab does not get to %s", selector)
}
