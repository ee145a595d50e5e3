// Package system tests what a site does, from a pressed key to those who are to hear of
// it, with the equipment and the servers of others.
//
// Stage: tool
package system
