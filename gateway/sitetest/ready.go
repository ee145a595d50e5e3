package sitetest

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// AwaitReady returns once the gateway whose /readyz is given says that it is ready.
func AwaitReady(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 5 * time.Second}
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("cannot ask the gateway whether it is ready: %w", err)
		}
		if resp, err := client.Do(req); err == nil {
			_ = resp.Body.Close() // nothing of it is read
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
