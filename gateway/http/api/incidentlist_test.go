package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// TestIncidentsAreListedInPages: the first page has also what is open and older, the
// pages after it the rest, and a search is one of all of them.
func TestIncidentsAreListedInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "")
	var ids []string // the newest call first
	for n := range 9 {
		status, in := o.call("POST", "/api/v1/incidents", fmt.Sprintf(`{"category":"fire","location":{"lat":-6.8364,"lon":108.2274},"address":"Jalan RT%d"}`, n))
		if status != http.StatusCreated {
			t.Fatalf("%d %v", status, in)
		}
		id := in["id"].(string)
		if ids = slices.Insert(ids, 0, id); n != 1 && n != 8 {
			if status, in := o.call("POST", "/api/v1/incidents/"+id+"/cancel", `{"reason":"prank"}`); status != http.StatusOK {
				t.Fatalf("%d %v", status, in)
			}
		}
	}
	list := func(body map[string]any) (out []string) {
		for _, in := range body["incidents"].([]any) {
			out = append(out, in.(map[string]any)["id"].(string))
		}
		return out
	}
	var pages [][]string
	o.pages("/api/v1/incidents?limit=4", func(b map[string]any) { pages = append(pages, list(b)) })
	want := [][]string{append(slices.Clone(ids[:4]), ids[7]), ids[4:8], ids[8:]}
	if !slices.EqualFunc(pages, want, slices.Equal) {
		t.Errorf("pages %v, want %v", pages, want)
	}
	for query, want := range map[string][]string{
		"":                          ids,
		"?open=true":                {ids[0], ids[7]},
		"?open=true&limit=1":        {ids[0], ids[7]},
		"?find=jalan+rt3":           {ids[5]},
		"?find=RT3%20JALAN%20fire":  {ids[5]},
		"?find=jalan&open=1":        {ids[0], ids[7]},
		"?find=nowhere":             nil,
		"?to=2001-01-01":            nil,
		"?from=2001-01-01&limit=9":  ids,
		"?from=2001-01-01&limit=10": ids,
	} {
		if status, body := o.call("GET", "/api/v1/incidents"+query, ""); status != http.StatusOK || !slices.Equal(list(body), want) {
			t.Errorf("%q: %d %v, want %v", query, status, list(body), want)
		}
	}
	for _, query := range []string{"?open=maybe", "?limit=0", "?limit=10001", "?cursor=x", "?from=yesterday", "?nonsense=1"} {
		if status, body := o.call("GET", "/api/v1/incidents"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%q: %d %v", query, status, body)
		}
	}
}
