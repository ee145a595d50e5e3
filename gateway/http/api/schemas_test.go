package api_test

import (
	"testing"
)

func TestSchemasAreServed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "s3cr3t")
	o.token = "" // whoever builds a device has none
	for name, id := range map[string]string{"field-report": "urn:htgateway:schema:field-report:1", "incident": "urn:htgateway:schema:incident:1"} {
		if status, schema := o.call("GET", "/schemas/"+name+".json", ""); status != 200 || schema["$id"] != id {
			t.Errorf("%s: %d %v", name, status, schema["$id"])
		}
	}
	if status, _ := o.call("GET", "/schemas/nothing.json", ""); status != 404 {
		t.Errorf("no such schema: %d", status)
	}
}
