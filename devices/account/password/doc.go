// Package password hashes the passwords of field devices and of users with
// argon2id, and checks them in a time that does not depend on them.
//
// Stage: tool; package account checks passwords with it.
package password
