// Package config reads the gateway's settings: one commented file, single
// settings from the environment, secrets from files. Everything wrong is named
// with file and line, all of it in one go.
//
// Stage: tool; the parts are made as the settings say.
package config
