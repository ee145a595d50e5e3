package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// What a radio sent can be read by hand when a unit says that its key was pressed and
// the map shows nothing: a frame that was damaged on its way says so.
func Example_decode() {
	frames := "$PKLID,00,100,1001,13,00,*69\n$PKLID,00,100,1001,14,00,*69\n"
	code := run(context.Background(), []string{"decode", "--protocol", "kenwood"}, strings.NewReader(frames), os.Stdout, os.Stdout)
	fmt.Println("exit code", code)
	// Output:
	// {"protocol":"kenwood","kind":"status","device":"fleetsync:100-1001","status":"on_scene","status_code":"13","emergency":false}
	// {"protocol":"kenwood","kind":"other","error":"nmea: checksum does not match: sent 69, computed 6E"}
	// htgateway: the data has errors: 1 of 2 frames refused
	// exit code 1
}
