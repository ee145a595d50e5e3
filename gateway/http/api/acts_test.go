package api_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// act is one request of testdata/acts.json and what must come of it. In paths and
// bodies {name} stands for the id of an incident that an earlier step opened.
type act struct {
	Name   string         `json:"name"`
	Open   string         `json:"open"` // the name that the opened incident gets
	Path   string         `json:"path"`
	Body   string         `json:"body"`
	Status int            `json:"status"`
	Has    map[string]any `json:"has"` // fields of the answer
}

func TestActs(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join("testdata", "acts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var acts []act
	if err := json.Unmarshal(file, &acts); err != nil {
		t.Fatal(err)
	}
	o := newOffice(t, "")
	var names []string
	for _, a := range acts {
		fill := strings.NewReplacer(names...)
		status, got := o.call("POST", "/api/v1"+fill.Replace(a.Path), fill.Replace(a.Body))
		if status != a.Status {
			t.Fatalf("%s: %d %v, want %d", a.Name, status, got, a.Status)
		}
		for key, want := range a.Has {
			w, _ := json.Marshal(want)
			if g, _ := json.Marshal(got[key]); string(g) != fill.Replace(string(w)) {
				t.Errorf("%s: %s is %s, want %s", a.Name, key, g, w)
			}
		}
		if a.Open != "" {
			names = append(names, "{"+a.Open+"}", got["id"].(string))
		}
	}
}

func TestAnUnknownAlertCannotBeAcknowledged(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	if status, _ := o.call("POST", "/api/v1/alerts/none/acknowledge", ""); status != 404 {
		t.Fatalf("%d", status)
	}
	if status, list := o.call("GET", "/api/v1/alerts", ""); status != 200 || len(list["alerts"].([]any)) != 0 {
		t.Fatalf("%d %v", status, list)
	}
}
