// Package web is the dispatcher's page, built from TypeScript and carried inside
// the binary.
//
// Stage: api → **web** → dispatcher, analyst, field team.
package web
