package desk

import _ "embed"

// Schema is the JSON Schema (2020-12) of a [Request]. The gateway serves it at
// /schemas/incident.json.
//
//go:embed incident.schema.json
var Schema []byte
