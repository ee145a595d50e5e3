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

// TestKeysAndEndsOverHTTP: a key is of one body, and an end that stands keeps its time, whoever
// asks with a key of his own.
func TestKeysAndEndsOverHTTP(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	open := func(key string) string {
		t.Helper()
		status, in := o.call("POST", "/api/v1/incidents", fire, "Idempotency-Key", key)
		if status != 201 {
			t.Fatalf("%d %v", status, in)
		}
		return in["id"].(string)
	}
	act := func(id, path, body, key string, want int, has ...string) map[string]any {
		t.Helper()
		status, in := o.call("POST", "/api/v1/incidents/"+id+path, body, "Idempotency-Key", key)
		if status != want {
			t.Fatalf("%s %s under %s: %d %v, want %d", path, body, key, status, in, want)
		}
		for i := 0; i+1 < len(has); i += 2 {
			if in[has[i]] != has[i+1] {
				t.Errorf("%s %s under %s: %s is %v, want %s", path, body, key, has[i], in[has[i]], has[i+1])
			}
		}
		return in
	}
	fireID := open("k1")
	if status, _ := o.call("POST", "/api/v1/incidents", `{"category":"health","address":"panggilan lain"}`, "Idempotency-Key", "k1"); status != 422 {
		t.Errorf("another call under the key: %d", status)
	}
	act(fireID, "/dispatch", `{"units":["damkar-1"]}`, "d1", 200)
	act(fireID, "/dispatch", `{"units":["damkar-2"]}`, "d1", 422)
	closed := act(fireID, "/close", `{"reason":"padam"}`, "c1", 200, "status", "closed")["closed_at"].(string)
	act(fireID, "/close", `{"reason":"padam"}`, "c1", 200, "status", "closed", "closed_at", closed)
	act(fireID, "/close", `{"reason":"halaman lama"}`, "c2", 409)
	if _, in := o.call("GET", "/api/v1/incidents/"+fireID, ""); in["closed_at"] != closed {
		t.Errorf("closed at %v, first at %v", in["closed_at"], closed)
	}
	falseID := open("k2")
	act(falseID, "/cancel", `{"reason":"palsu"}`, "x1", 200, "status", "cancelled")
	act(falseID, "/cancel", `{"reason":"palsu"}`, "x1", 200, "status", "cancelled")
	act(falseID, "/close", `{}`, "x2", 409)
	duplicate, survivor := open("k3"), open("k4")
	act(duplicate, "/merge", `{"into":"`+survivor+`"}`, "m1", 200, "status", "merged")
	act(duplicate, "/close", `{}`, "m2", 409)
	act(duplicate, "/merge", `{"into":"`+survivor+`"}`, "m1", 200, "status", "merged", "merged_into", survivor)

	// Enrolment.
	for _, c := range []struct {
		method, path, body, key string
		want                    int
	}{
		{"POST", "/units", `{"call_sign":"PMI 1"}`, "u1", 201},
		{"POST", "/units", `{"call_sign":"PMI 1"}`, "u1", 201},
		{"POST", "/units", `{"call_sign":"PMI 2"}`, "u1", 422},
		{"POST", "/units/pmi-1/devices", `{"device":"aprs:YB1ZZZ-9"}`, "b1", 201},
		{"POST", "/units/pmi-1/devices", `{"device":"aprs:YB1ZZZ-9"}`, "b1", 201},
		{"POST", "/units/pmi-1/devices", `{"device":"aprs:YB1ZZZ-8"}`, "b1", 422},
		{"POST", "/units/pmi-1/devices", `{"app":"keypad"}`, "b1", 422},
		{"DELETE", "/units/pmi-1/devices/aprs:YB1ZZZ-9", "", "r1", 204},
		{"DELETE", "/units/pmi-1/devices/aprs:YB1ZZZ-9", "", "r1", 204},
		{"DELETE", "/units/pmi-1/devices/aprs:YB1ZZZ-9", "", "r2", 404},
	} {
		if got, said := o.call(c.method, "/api/v1"+c.path, c.body, "Idempotency-Key", c.key); got != c.want {
			t.Errorf("%s %s %s under %s: %d %v, want %d", c.method, c.path, c.body, c.key, got, said, c.want)
		}
	}
	_, first := o.call("POST", "/api/v1/units/pmi-1/devices", `{"app":"keypad"}`, "Idempotency-Key", "e1")
	status, again := o.call("POST", "/api/v1/units/pmi-1/devices", `{"app":"keypad"}`, "Idempotency-Key", "e1")
	if status != 201 || first["token"] == nil || again["token"] != first["token"] || again["device"] != first["device"] {
		t.Errorf("enrolled again: %d %v, not %v", status, again, first)
	}
}
