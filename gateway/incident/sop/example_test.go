package sop_test

import (
	"fmt"
	"time"

	"htgateway/gateway/incident/sop"
)

// An office may give a category a limit of its own.
func ExamplePlan_Limit() {
	plan := sop.DefaultPlan()
	plan.CategoryLimits = map[string]map[sop.ClockName]time.Duration{"health": {sop.OnSceneUpdate: 8 * time.Minute}}
	fmt.Println(plan.Limit(sop.OnSceneUpdate, "health"), plan.Limit(sop.OnSceneUpdate, "fire"))
	// Output: 8m0s 10m0s
}
