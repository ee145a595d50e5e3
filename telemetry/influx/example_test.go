package influx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"htgateway/telemetry"
	"htgateway/telemetry/influx"
)

// What reaches InfluxDB is its line protocol, and a server that is away is no point that
// no server takes: the one is waited for, the other set aside.
func ExampleStore_Write() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Print(r.URL.Query().Get("bucket"), ": ", string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	store, err := influx.New(influx.Settings{URL: server.URL, Org: "majalengka", Bucket: "htgateway", Token: "rahasia"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	fix := telemetry.Point{
		Measurement: telemetry.UnitFix, Time: time.Date(2026, 11, 24, 9, 14, 0, 0, time.UTC),
		Tags:   []telemetry.Tag{{Key: "agency", Value: "PSC 119"}, {Key: "unit", Value: "psc-119-7"}},
		Fields: []telemetry.Field{{Key: "lat", Value: -6.8364}, {Key: "lon", Value: 108.2274}, {Key: "report", Value: "r1"}},
	}
	empty := telemetry.Point{Measurement: telemetry.UnitFix, Time: fix.Time}
	ctx := context.Background()
	fmt.Println(store.Write(ctx, []telemetry.Point{fix, empty}))
	server.Close()
	fmt.Println("away:", errors.Is(store.Write(ctx, []telemetry.Point{fix}), telemetry.ErrUnavailable))
	// Output:
	// htgateway: unit_fix,agency=PSC\ 119,unit=psc-119-7 lat=-6.8364,lon=108.2274,report="r1" 1795511640000000000
	// telemetry: 1 points refused, the first because point has no fields
	// away: true
}
