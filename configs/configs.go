package configs

import _ "embed"

// Gateway is the default configuration, with every setting and its comment.
//
//go:embed htgateway.yaml
var Gateway []byte

// SOP is the procedure of Majalengka Raharja 112.
//
//go:embed sop-majalengka.yaml
var SOP []byte

// Places is the table of villages of Kabupaten Majalengka.
//
//go:embed places/majalengka.csv
var Places []byte
