package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"htgateway/configs"
	"htgateway/gateway/config"
	"htgateway/gateway/incident/sop"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	c, err := config.Load("")
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTP.Listen != "127.0.0.1:8112" || c.Arrival.Dwell != 30*time.Second || !c.MQTT.Embedded.Enabled || c.MQTT.Embedded.AllowAnonymous {
		t.Fatalf("%+v", c)
	}
	if !reflect.DeepEqual(c.Plan.Limits, sop.DefaultPlan().Limits) || !reflect.DeepEqual(c.Plan.Categories, sop.DefaultPlan().Categories) {
		t.Fatalf("the shipped procedure is not the SOP: %+v", c.Plan)
	}
}

func TestShippedFilesAreSound(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", mustRead(t, "../../configs/units.example.yaml"))
	path := write(t, dir, "htgateway.yaml", string(configs.Gateway))
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Units) != 3 || c.Units[2].Devices[0] != "owntracks:psc3/phone" {
		t.Fatalf("%+v", c.Units)
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEnvironmentOverrides(t *testing.T) {
	t.Setenv("HTGATEWAY_HTTP_LISTEN", "127.0.0.1:9999")
	t.Setenv("HTGATEWAY_ARRIVAL_DWELL", "45s")
	c, err := config.Load("")
	if err != nil || c.HTTP.Listen != "127.0.0.1:9999" || c.Arrival.Dwell != 45*time.Second {
		t.Fatalf("%+v, %v", c, err)
	}
}

func TestIdsKeepTheirCase(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	path := write(t, dir, "c.yaml", "units_file: units.yaml\nlinks:\n  - {id: Atap.Utara-9, kind: serial, protocol: kenwood, device: /dev/ttyS0}\n")
	c, err := config.Load(path)
	if err != nil || c.Links[0].ID != "Atap.Utara-9" {
		t.Fatalf("%+v, %v", c.Links, err)
	}
}

func TestEveryProblemIsNamedWithItsLine(t *testing.T) {
	for _, c := range []struct {
		name, file, units string
		want              []string
	}{
		{"unknown key and wrong type", "http:\n  listne: x\n  listen: 127.0.0.1:1\nlinks: 3\n", "units: []\n",
			[]string{`c.yaml:2: unknown setting "listne"`, "c.yaml:4: cannot unmarshal"}},
		{"values", "units_file: units.yaml\nlog:\n  level: loud\ntelemetry:\n  store: paper\narrival:\n  radius_m: -1\n", "units: []\n",
			[]string{"c.yaml:3: log.level", "c.yaml:5: telemetry.store", "c.yaml:7: arrival.radius_m"}},
		{"links", "units_file: units.yaml\nlinks:\n  - id: a\n    kind: serial\n    protocol: smoke\n    device: /dev/x\n  - id: a\n    kind: drum\n", "units: []\n",
			[]string{`c.yaml:5: link "a": protocol`, `c.yaml:7: link id "a" is there twice`, `c.yaml:8: link "a": kind`}},
		{"publishing", "units_file: units.yaml\nlinks:\n  - {id: a, kind: mqtt, broker: \"tcp://x:1883\", client_id: g, publish: true}\n  - {id: b, kind: tcp, protocol: kiss, address: \"x:1\", publish: true}\n  - {id: c, kind: mqtt, broker: \"tcp://x:1883\", client_id: h}\n", "units:\n  - {id: a/b, call_sign: A}\n",
			[]string{`c.yaml:4: link "b": only links of kind mqtt publish`, `c.yaml:5: link "c" needs`, `units.yaml:2: unit id "a/b"`}},
		{"an edge site without a way", "role: edge\nunits_file: units.yaml\nedge:\n  site: a/b\n  password_file: units.yaml\n  centres:\n    - http://centre.example:8112\n  backlog_per_second: 0\njournal: {url: \"nats://a:4222\", area: x}\n", "units: []\n",
			[]string{"c.yaml:4: edge.site", "c.yaml:7: edge.centres", "c.yaml:8: edge.backlog_per_second", "c.yaml:9: journal.url: an edge site"}},
		{"a shared journal", "units_file: units.yaml\njournal:\n  url: \"nats://u:p@a:4222,http://b\"\n  area: a b\n  replicas: 2\n  lease: 1ms\nrole: boss\n", "units: []\n",
			[]string{"c.yaml:3: journal.url holds a password", `c.yaml:3: journal.url: "http:`, "c.yaml:4: journal.area", "c.yaml:5: journal.replicas", "c.yaml:6: journal.lease", `c.yaml:7: role is "boss"`}},
		{"places forgotten too soon", "units_file: units.yaml\nretention:\n  fixes: 48h\n  journal_fixes: 72h\n", "units: []\n",
			[]string{"c.yaml:4: retention.journal_fixes is 72h0m0s: 0s is for ever, and else at least 168h0m0s"}},
		{"places forgotten in the journal only", "units_file: units.yaml\nretention: {journal_fixes: 720h}\n", "units: []\n",
			[]string{"c.yaml:2: retention.journal_fixes wants retention.fixes that are not longer"}},
		{"places file", "units_file: units.yaml\nplaces_file: units.yaml\n", "units: []\n",
			[]string{`units.yaml: places: the table has no column "district"`}},
		{"places file that is not there", "units_file: units.yaml\nplaces_file: nowhere.csv\n", "units: []\n",
			[]string{"nowhere.csv: cannot read the places"}},
		{"open to the world", "units_file: units.yaml\nhttp:\n  listen: 0.0.0.0:80\nmqtt:\n  embedded:\n    listen: 0.0.0.0:1883\n", "units: []\n",
			[]string{"c.yaml:3: http.listen is beyond loopback", "c.yaml:6: mqtt.embedded.listen is beyond loopback"}},
		{"alarms and webhooks", "units_file: units.yaml\nalarms:\n  radio: shout\nwebhooks:\n  - id: a\n    url: http://dinas.example/\n    secret_file: units.yaml\n    kinds: [gossip]\n  - id: a\n    url: https://dinas.example/\n    secret_file: units.yaml\n", "units: []\n",
			[]string{"c.yaml:3: alarms.radio", `c.yaml:6: webhook "a": url: neither https nor loopback`, `c.yaml:8: webhook "a": kind "gossip"`, `c.yaml:9: webhook id "a" is empty or there twice`,
				`units.yaml: the secret of webhook "a" has fewer`, `units.yaml: the secret of webhook "a" has fewer`}},
		{"way into the mesh", "units_file: units.yaml\nmeshtastic:\n  send_root: msh/+\n  send_node: base0\n", "units: []\n",
			[]string{`c.yaml:3: meshtastic.send_root is "msh/+"`, `c.yaml:4: meshtastic.send_node is "base0"`}},
		{"half a way into the mesh", "units_file: units.yaml\nmeshtastic:\n  send_node: \"!433c8aac\"\n", "units: []\n",
			[]string{`c.yaml:3: meshtastic.send_root is missing`}},
		{"a way that nothing takes", "units_file: units.yaml\nmqtt: {embedded: {enabled: false}}\nmeshtastic:\n  send_root: msh/ID\n  send_node: \"!ffffffff\"\n", "units: []\n",
			[]string{`c.yaml:4: meshtastic.send_root: no link of kind mqtt`, `c.yaml:5: meshtastic.send_node is "!ffffffff"`}},
		{"folder and cursor on target", "units_file: units.yaml\ncad:\n  folder: x\n  poll: 1ms\ncot:\n  outputs:\n    - network: smoke\n      address: \":1\"\n  unit_type: boat\n", "units: []\n",
			[]string{"c.yaml:4: cad.poll", `c.yaml:7: cot output: network "smoke"`, `c.yaml:8: cot output: address ":1"`, `c.yaml:9: cot.unit_type "boat"`}},
		{"units", "units_file: units.yaml\n", "units:\n  - {id: a, call_sign: A, devices: [\"fleetsync:100-1001\"]}\n  - {id: a, call_sign: B, devices: [\"fleetsync:100-1001\", bare]}\n",
			[]string{`units.yaml:3: unit "a" is there twice`, `units.yaml:3: device "fleetsync:100-1001" belongs to`, `units.yaml:3: device "bare"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "units.yaml", c.units)
			_, err := config.Load(write(t, dir, "c.yaml", c.file))
			var problems *config.ProblemsError
			if !errors.As(err, &problems) {
				t.Fatalf("%v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), filepath.Join(dir, w)) {
					t.Errorf("%q is not in\n%v", w, err)
				}
			}
			if len(problems.Problems) != len(c.want) {
				t.Errorf("%d problems, want %d:\n%v", len(problems.Problems), len(c.want), err)
			}
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	write(t, dir, "token", "s3cr3t\n")
	c, err := config.Load(write(t, dir, "c.yaml", "units_file: units.yaml\nhttp:\n  token_file: token\n"))
	if err != nil || c.HTTP.Token != "s3cr3t" {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %s", c, c.HTTP, c.HTTP.Token); strings.Contains(text, "s3cr3t") {
		t.Fatal(text)
	}
}

func TestChannelKeysAreCheckedWithTheirLine(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	file := write(t, dir, "c.yaml", "units_file: units.yaml\nmeshtastic: {keys_file: keys}\n")
	keys := write(t, dir, "keys", "# ours\nMajalengka: AAECAwQFBgcICQoLDA0ODw==\nLongFast:AQ==\n")
	c, err := config.Load(file)
	if err != nil || len(c.Meshtastic.Keys) != 2 || len(c.Meshtastic.Keys["Majalengka"]) != 16 {
		t.Fatalf("%v, %v", c.Meshtastic.Keys, err)
	}
	write(t, dir, "keys", "A:AQ==\nA:AQ==\nB:c2hvcnQ=\nC\n")
	_, err = config.Load(file)
	for _, want := range []string{keys + `:2: "A" is there twice`, keys + `:3: "B"`, keys + ":4: not channel:key"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "c2hvcnQ") {
		t.Error("a key is in the message")
	}
}

func TestCategoryLimitsAreCheckedWithTheirLine(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "units.yaml", "units: []\n")
	file := write(t, dir, "c.yaml", "units_file: units.yaml\nsop_file: sop.yaml\n")
	shipped := string(configs.SOP)
	if !strings.Contains(shipped, "category_limits: []") {
		t.Fatal("the shipped procedure has limits of its own")
	}
	limits := "category_limits:\n  - {category: fire, clock: on_scene_update, limit: -2m}\n  - {category: boredom, clock: closing, limit: 2m}\n  - {category: fire, clock: tea, limit: 2m}\n"
	sop := write(t, dir, "sop.yaml", strings.Replace(shipped, "category_limits: []", limits, 1))
	line := strings.Count(shipped[:strings.Index(shipped, "category_limits: []")], "\n") + 1
	_, err := config.Load(file)
	for n, want := range []string{`clock "on_scene_update" of category "fire" has a negative limit`, `unknown category "boredom"`, `unknown category "fire" or clock "tea"`} {
		if want = fmt.Sprintf("%s:%d: %s", sop, line+1+n, want); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	write(t, dir, "sop.yaml", strings.Replace(shipped, "category_limits: []", "category_limits: [{category: fire, clock: on_scene_update, limit: 2m}]", 1))
	c, err := config.Load(file)
	if err != nil || c.Plan.CategoryLimits["fire"]["on_scene_update"] != 2*time.Minute {
		t.Fatalf("%+v, %v", c.Plan.CategoryLimits, err)
	}
}
