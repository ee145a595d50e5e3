package password_test

import (
	"fmt"

	"htgateway/devices/account/password"
)

func Example() {
	line := password.Hash([]byte("rahasia"))
	fmt.Println(password.Verify(line, []byte("rahasia")), password.Verify(line, []byte("tebakan")))
	// Output: true false
}
