package webhook_test

import (
	"fmt"
	"time"

	"htgateway/gateway/outbound/webhook"
)

// A receiver makes the same signature of what came, and compares.
func ExampleSign() {
	fmt.Println(webhook.Sign([]byte("a secret of both"), time.Unix(1795000000, 0), []byte(`{"kind":"milestone"}`)))
	// Output: v1=40651f97f1e4228db197821afae97ccf1c49f214e0ce791b98b4e717984910a1
}
