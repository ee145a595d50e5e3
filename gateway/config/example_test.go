package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"htgateway/gateway/config"
)

// Whoever edits the file learns everything that is wrong with it at once, each with its
// line, so that the gateway need not be started again and again to find the next.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "htgateway.yaml")
	text := "units_file: /dev/null\n" +
		"arrival: {radius_m: -100}\n" +
		"links:\n" +
		"  - {id: roof, kind: serial, protocol: kenwod, device: /dev/ttyUSB0}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		fmt.Println(err)
	}
	_, err = config.Load(file)
	fmt.Println(strings.ReplaceAll(fmt.Sprint(err), dir+string(filepath.Separator), ""))
	// Output:
	// configuration has problems:
	//   htgateway.yaml:4: link "roof": protocol "kenwod" is not one of [kenwood nmea aprs kiss tetra]
	//   htgateway.yaml:2: arrival.radius_m is -100, not between 1 and 10000
}
