// Package jsonobject writes JSON objects field by field, byte for byte as encoding/json
// would write the struct. It serves the two values that are encoded once for each report
// (the report itself and the update of a fix), of which reflection is most of the cost.
//
// Stage: tool; reports and updates of fixes are encoded with it.
package jsonobject
