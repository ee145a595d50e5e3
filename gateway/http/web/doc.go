// Package web is the dispatcher's page, built from TypeScript and carried inside
// the binary.
//
// Flow: … → update → event stream → page; web is what a person sees of it.
package web
