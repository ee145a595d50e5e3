package simulation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// apiClient is the gateway's HTTP API as the simulated call taker and dispatcher use it.
type apiClient struct {
	base   string // "http://127.0.0.1:8112/api/v1"
	token  string
	client *http.Client
	keys   int
}

// call is what the call taker types.
type call struct {
	Category    string   `json:"category"`
	Location    location `json:"location"`
	Address     string   `json:"address"`
	Caller      string   `json:"caller"`
	Description string   `json:"description"`
}

type location struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// incidentView is the part of the API's incident that a dispatcher acts on.
type incidentView struct {
	ID       string    `json:"id"`
	Category string    `json:"category"`
	Location *location `json:"location"`
}

// change is the part of an update that a dispatcher acts on.
type change struct {
	Kind      string    `json:"kind"`
	Incident  string    `json:"incident"`
	Unit      string    `json:"unit"`
	At        time.Time `json:"at"`
	Milestone *struct {
		Name string `json:"milestone"`
	} `json:"milestone"`
	Alert *struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
	} `json:"alert"`
}

// post sends one act and decodes the answer into answer when it is not nil.
func (d *apiClient) post(ctx context.Context, path string, body, answer any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("cannot encode the request to %s: %w", path, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, bytes.NewReader(payload))
	if err != nil {
		return fmt.Errorf("cannot make the request to %s: %w", path, err)
	}
	d.keys++
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("simulation-%d", d.keys))
	return d.do(req, answer)
}

func (d *apiClient) delete(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, d.base+path, nil)
	if err != nil {
		return fmt.Errorf("cannot make the request to %s: %w", path, err)
	}
	return d.do(req, nil)
}

func (d *apiClient) get(ctx context.Context, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+path, nil)
	if err != nil {
		return fmt.Errorf("cannot make the request to %s: %w", path, err)
	}
	return d.do(req, answer)
}

func (d *apiClient) do(req *http.Request, answer any) error {
	if d.token != "" {
		req.Header.Set("Authorization", "Bearer "+d.token)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return fmt.Errorf("cannot reach the gateway: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 2048))
		return fmt.Errorf("%s %s: %s: %s", req.Method, req.URL.Path, resp.Status, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		return fmt.Errorf("cannot read the answer of %s: %w", req.URL.Path, err)
	}
	return nil
}

// changes follows the gateway's event stream until ctx ends or the stream breaks.
func (d *apiClient) changes(ctx context.Context, take func(change)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/events", nil)
	if err != nil {
		return fmt.Errorf("cannot make the request for events: %w", err)
	}
	if d.token != "" {
		req.Header.Set("Authorization", "Bearer "+d.token)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return fmt.Errorf("cannot follow the gateway's events: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("cannot follow the gateway's events: %s", resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	event := ""
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
			continue
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok || event != "update" {
			continue
		}
		var c change
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return fmt.Errorf("cannot read an event: %w", err)
		}
		take(c)
	}
	return lines.Err()
}
