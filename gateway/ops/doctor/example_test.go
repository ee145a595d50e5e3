package doctor_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"htgateway/gateway/ops/doctor"
)

// Whoever calls from the site reads which thing is wrong and what to do about it, and the
// gateway goes on meanwhile.
func ExampleSite_Examine() {
	dir, err := os.MkdirTemp("", "doctor")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "htgateway.yaml")
	text := "data: {dir: data}\n" +
		"units_file: units.yaml\n" +
		"http: {listen: \"127.0.0.1:0\"}\n" +
		"mqtt: {embedded: {enabled: false}}\n" +
		"links: [{id: roof, kind: serial, protocol: kenwood, device: /dev/ttyUSB99}]\n"
	for name, content := range map[string]string{file: text, filepath.Join(dir, "units.yaml"): "units: []\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	site := doctor.Site{File: file, Now: time.Now, Account: doctor.Account{Name: "root"}}
	findings, readable := site.Examine(context.Background())
	fmt.Println("readable:", readable, "worst:", doctor.Worst(findings))
	for _, f := range findings {
		if f.Area == "configuration" || f.Area == "port" {
			fmt.Printf("%s: %s: %s\n", f.Area, f.Verdict, f.Found.English)
			if f.Do.English != "" {
				fmt.Println("  do:", f.Do.English)
			}
		}
	}
	// Output:
	// readable: true worst: fault
	// configuration: good: 1 links, 0 units
	// port: fault: /dev/ttyUSB99 is not there
	//   do: plug the adapter in, check its cable, then ls -l /dev/serial/by-id
}
