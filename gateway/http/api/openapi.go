package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed openapi.yaml
var description []byte

// OpenAPI is the description of the API, OpenAPI 3.1 as JSON.
func OpenAPI() ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(description, &document); err != nil {
		return nil, fmt.Errorf("cannot read the API's description: %w", err)
	}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("cannot write the API's description: %w", err)
	}
	return text, nil
}

// Routes lists the routes of the API and of the process, as "METHOD /path", in
// order. What belongs to the page, its sign-in too, is not among them.
func (s *Server) Routes() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for pattern := range s.routes() {
			if !yield(strings.ReplaceAll(pattern, "...}", "}")) {
				return
			}
		}
		for pattern := range s.open() {
			if !yield(strings.ReplaceAll(pattern, "...}", "}")) {
				return
			}
		}
	})
}

func (s *Server) openAPI(w http.ResponseWriter, r *http.Request) {
	text, err := OpenAPI()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answerTagged(w, r, json.RawMessage(text))
}
