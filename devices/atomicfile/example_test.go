package atomicfile_test

import (
	"fmt"
	"os"
	"path/filepath"

	"htgateway/devices/atomicfile"
)

// The list of users is never half written: it is the old one until the new one is whole
// and on the disk.
func ExampleWrite() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	users := filepath.Join(dir, "users")
	for _, list := range []string{"andi\n", "andi\nbudi\n"} {
		f, err := os.CreateTemp(dir, "")
		if err != nil {
			fmt.Println(err)
			return
		}
		before, _ := os.ReadFile(users)
		err = atomicfile.Write(f, users, []byte(list))
		after, _ := os.ReadFile(users)
		fmt.Printf("%q %q %v\n", before, after, err)
	}
	// Output:
	// "" "andi\n" <nil>
	// "andi\n" "andi\nbudi\n" <nil>
}
