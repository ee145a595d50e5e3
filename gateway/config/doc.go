// Package config reads the gateway's settings: one commented file, single
// settings from the environment, secrets from files. Everything wrong is named
// with file and line, all of it in one go.
//
// Flow: before it; what is read here says how each part is made.
package config
