package fieldjson

import _ "embed"

// Schema is the JSON Schema (2020-12) of a payload: what it describes, [Decode]
// reads. The gateway serves it at /schemas/field-report.json.
//
//go:embed field-report.schema.json
var Schema []byte
