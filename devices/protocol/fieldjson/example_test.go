package fieldjson_test

import (
	"fmt"
	"time"

	"htgateway/devices/protocol/fieldjson"
)

func ExampleDecode() {
	r, err := fieldjson.Decode("htgateway/devices/psc-7/report", []byte(`{"lat":-6.8364,"lon":108.2274,"status":"on_scene"}`), time.Now())
	fmt.Println(r.Device, r.Status, r.Fix.Point[1], err)
	_, err = fieldjson.Decode("htgateway/devices/psc-7/report", []byte(`{"lat":0,"lon":0}`), time.Now())
	fmt.Println(err)
	// Output:
	// field:psc-7 on_scene -6.8364 <nil>
	// geo: coordinate is null island (0, 0): no fix
}
