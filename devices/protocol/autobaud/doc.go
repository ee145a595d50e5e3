// Package autobaud judges at what speed and in which protocol a line speaks: it
// lets every decoder read the same bytes and weighs what they could read against
// what they refused. It opens no port and reads no clock.
//
// Flow: bytes → frame → report → …; autobaud stands beside the first arrow, to
// choose the decoder.
package autobaud
