package desk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"htgateway/gateway/incident/sop"
)

// TestSchemaAndDeskAgree reads each request with both: what the schema allows is
// what the desk takes.
func TestSchemaAndDeskAgree(t *testing.T) {
	t.Parallel()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("incident.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("incident.json")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("testdata/requests.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	desk := New(nil, nil, Options{Plan: sop.DefaultPlan()})
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c struct {
			Name    string
			Request json.RawMessage
			Refused string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var r Request
			d := json.NewDecoder(bytes.NewReader(c.Request))
			d.DisallowUnknownFields()
			err := d.Decode(&r)
			if err == nil {
				err = desk.checkRequest(r, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
			}
			if c.Refused == "" && err != nil || c.Refused != "" && (err == nil || !strings.Contains(err.Error(), c.Refused)) {
				t.Errorf("desk: %v, want %q", err, c.Refused)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.Request))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != (c.Refused == "") {
				t.Errorf("schema: %v", err)
			}
		})
	}
}
