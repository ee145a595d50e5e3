package devices_test

import (
	"fmt"

	"htgateway/devices"
)

// A pressed key is a code; what it means stands in the codebook, and a code that
// nobody mapped is kept.
func ExampleCodebook_Interpret() {
	book := devices.DefaultCodebook().With(devices.Codebook{"fleetsync": {"31": devices.StatusOnScene}})
	for _, code := range []string{"13", "31", "77"} {
		r := devices.Report{Device: "fleetsync:100-1001", StatusCode: code}
		book.Interpret(&r)
		fmt.Println(code, r.Status)
	}
	// Output:
	// 13 on_scene
	// 31 on_scene
	// 77 other
}
