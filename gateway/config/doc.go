// Package config reads the gateway's settings: one commented file, single
// settings from the environment, secrets from files. Everything wrong is named
// with file and line, all of it in one go.
//
// What people name (units, devices, links) stands in values and never in keys: viper
// folds the case of keys and splits them at dots, so that KD7ABC-9 or 100.1001 would not
// come through.
//
// Stage: tool; the parts are made as the settings say.
package config
