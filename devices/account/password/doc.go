// Package password hashes the passwords of field devices and of users with
// argon2id, and checks them in a time that does not depend on them.
//
// Flow: beside it; mqttbroker and signin ask it at the door.
package password
