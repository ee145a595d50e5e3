package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"htgateway/gateway/sitetest"
)

// TestRecordWhileTheGatewayRuns: command line and API print the same incident, and
// neither names the caller unasked.
func TestRecordWhileTheGatewayRuns(t *testing.T) {
	t.Parallel()
	s := sitetest.New(t)
	s.Start()
	var opened struct{ ID, Number string }
	s.Post("/incidents", map[string]any{
		"category": "fire", "location": map[string]float64{"lat": -6.836, "lon": 108.227}, "caller": "Bu Aminah",
	}, &opened)
	s.Post("/incidents/"+opened.ID+"/dispatch", map[string]any{"units": []string{"damkar-1"}}, nil)
	events := s.Events("0")
	s.Press("13")
	s.Await(events, "the arrival", func(u sitetest.Update) bool { return u.Milestone != nil && u.Milestone.Milestone == "on_scene" })

	config := filepath.Join(s.Dir, "htgateway.yaml")
	for _, format := range []string{"html", "pdf", "json"} {
		for _, withCaller := range []bool{false, true} {
			query, flag := "?format="+format, "--with-caller=false"
			if withCaller {
				query, flag = query+"&with_caller=true", "--with-caller"
			}
			resp, err := http.Get(s.Page + "/api/v1/incidents/" + opened.ID + "/record" + query)
			if err != nil {
				t.Fatal(err)
			}
			served, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			file := filepath.Join(s.Dir, "sheet")
			var said bytes.Buffer
			code := run(t.Context(), []string{"record", opened.Number, "--config", config, "--format", format, flag, "--output", file}, nil, &said, &said)
			printed, readErr := os.ReadFile(file)
			if err != nil || resp.StatusCode != http.StatusOK || code != exitDone || readErr != nil {
				t.Fatalf("%s: %v, %s; exit %d, %s", format, err, resp.Status, code, said.String())
			}
			for who, got := range map[string][]byte{"api": served, "command": printed} {
				switch format {
				case "pdf":
					if !bytes.HasPrefix(got, []byte("%PDF-")) {
						t.Errorf("%s: no PDF: %.20q", who, got)
					}
				default:
					if !bytes.Contains(got, []byte(opened.Number)) || bytes.Contains(got, []byte("Aminah")) != withCaller {
						t.Errorf("%s %s, caller asked %v: %.200q", who, format, withCaller, got)
					}
				}
				if format == "json" {
					var sheet struct {
						Arrivals []struct{ Verdict, Unit string }
						Frames   []struct {
							RawText string `json:"raw_text"`
						}
					}
					if err := json.Unmarshal(got, &sheet); err != nil || len(sheet.Arrivals) != 1 || sheet.Arrivals[0].Unit != "damkar-1" || len(sheet.Frames) != 1 {
						t.Errorf("%s: %v %+v", who, err, sheet)
					}
				}
			}
		}
	}
	for path, want := range map[string]int{"/incidents/i0/record": http.StatusNotFound, "/incidents/" + opened.ID + "/record?format=docx": http.StatusBadRequest} {
		resp, err := http.Get(s.Page + "/api/v1" + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	s.Stop()
}

func TestRecordWrongUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for args, want := range map[string]string{
		"record i1":                                "at least one of the flags",
		"record --data " + dir:                     "accepts 1 arg",
		"record i1 --format docx --data " + dir:    `unknown format "docx"`,
		"record i1 --data " + dir:                  "holds no htgateway.yaml",
		"record i1 --config /nowhere/gateway.yaml": "cannot read the configuration",
	} {
		var said bytes.Buffer
		code := run(t.Context(), strings.Fields(args), nil, &said, &said)
		if code != exitUsage || !strings.Contains(said.String(), want) {
			t.Errorf("%s: exit %d, %s", args, code, said.String())
		}
	}
}
