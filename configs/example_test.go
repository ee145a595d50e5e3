package configs_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"htgateway/configs"
	"htgateway/gateway/config"
	"htgateway/gateway/incident/sop"
	"htgateway/geo/places"
)

// An office that changes the procedure begins with the one that the program carries:
// it keeps the clocks that it does not touch.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "sop.yaml")
	ours := bytes.Replace(configs.SOP, []byte("closing: 2m"), []byte("closing: 5m"), 1)
	if err := os.WriteFile(file, ours, 0o600); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := config.LoadPlan(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Limits[sop.Closing], plan.Limits[sop.OnSceneUpdate])
	// Output: 5m0s 10m0s
}

// An address is found without a network, since the county's villages are in the program.
func Example_places() {
	gazetteer, err := places.Load(bytes.NewReader(configs.Places))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range gazetteer.Locate("Ds. Cigasong Kec. Cigasong") {
		fmt.Println(p.Name, p.District)
	}
	// Output: Cigasong Cigasong
}
