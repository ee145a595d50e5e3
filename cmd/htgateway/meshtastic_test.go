package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

func TestDecodeMeshtastic(t *testing.T) {
	t.Parallel()
	asJSON, asHex := sitetest.MeshtasticVectors(t, "json.txt"), sitetest.MeshtasticVectors(t, "protobuf.txt")
	binary, err := hex.DecodeString(asHex["below-sea"])
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("# ours\nMajalengka: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const place = `"device":"meshtastic:!e213a228","time":"2026-07-04T20:55:01Z","lat":-6.8364,"lon":108.2279,"altitude_m":-12,"course_deg":212`
	for _, c := range []struct {
		name string
		args []string
		in   string
		want []string
		exit int
	}{
		{"lines of JSON", []string{"--topic", "msh/ID/2/json/LongFast/!32962f10"}, asJSON["key-number"] + "\n" + asJSON["direct"] + "\n",
			[]string{`"kind":"status","device":"meshtastic:!433c8aac","time":"2025-06-06T22:28:03Z","status":"on_scene","status_code":"3"`, `"to":"!433c8aac"`, `"status":"en_route","text":"OTW"`}, exitDone},
		{"JSON without a topic, raw", []string{"--encoding", "raw"}, asJSON["blurred"], []string{`"blurred":true`, `"accuracy_m":2918.2`}, exitDone},
		{"protobuf as digits", []string{"--encoding", "hex", "--topic", "msh/ID/2/e/LongFast/!32962f10"}, asHex["below-sea"] + "\n" + asHex["nodeinfo"] + "\n",
			[]string{place, `"kind":"id","device":"meshtastic:!7efeee00"`, `"name":"base0"`}, exitDone},
		{"protobuf, raw", []string{"--encoding", "raw"}, string(binary), []string{place}, exitDone},
		{"presence", []string{"--topic", "msh/ID/2/stat/!32962f10"}, "offline\n", []string{`"kind":"other","device":"meshtastic:!32962f10"`}, exitDone},
		{"no fix", nil, strings.Replace(asJSON["position-no-clock"], "-68364000", "0", 1) + "\n" + strings.NewReplacer("-68364000", "0", "1082279000", "0").Replace(asJSON["position-no-clock"]),
			[]string{`"lat":0`, `"error":"meshtastic: position without a fix`}, exitData},
		{"encrypted, with its key", []string{"--encoding", "hex", "--keys", keys}, asHex["sealed-own"], []string{`"status":"on_scene"`}, exitDone},
		{"encrypted, without", []string{"--encoding", "hex"}, asHex["sealed-own"], []string{`"device":"meshtastic:!433c8aac","error":`}, exitData},
	} {
		var out, errs bytes.Buffer
		if exit := run(context.Background(), append([]string{"decode", "--protocol", "meshtastic"}, c.args...), strings.NewReader(c.in), &out, &errs); exit != c.exit {
			t.Errorf("%s: exit %d: %s%s", c.name, exit, out.String(), errs.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %s is not in\n%s", c.name, want, out.String())
			}
		}
	}
}
