package fixlog_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident/tracker/fixlog"
	"htgateway/geo"
)

// Fixes may come in any order, and twice; they are read in the order of their own time.
func ExampleLog() {
	var log fixlog.Log
	radio := &fixlog.Origin{Device: "fleetsync:102-1001", Clock: "device"}
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, minute := range []int{0, 2, 1, 2, 3} {
		own := fixlog.Key{At: start.Add(time.Duration(minute) * time.Minute), ID: fmt.Sprint("r", minute)}
		log.Add(&fixlog.Entry{Known: fixlog.Known{Seq: uint64(minute + 1), Key: own}, Own: own, Origin: radio, Fix: &geo.Fix{Point: [2]float64{108.2274, -6.8364}, Time: own.At}})
		log.Pack(fixlog.Packing{Newest: 1, Block: 2, CloseAfter: 1})
	}
	for e := range log.From(fixlog.Key{At: start.Add(time.Minute)}) {
		fmt.Println(e.Own.At.Format(time.TimeOnly), e.Own.ID)
	}
	// Output:
	// 09:01:00 r1
	// 09:02:00 r2
	// 09:03:00 r3
}
