package devicestest

import "htgateway/devices/protocol/ax25"

// TNC2 is the frame as monitors print it, SOURCE>DESTINATION,PATH:information,
// with an asterisk after the last digipeater that has sent it on.
func TNC2(f *ax25.Frame) []byte {
	out := make([]byte, 0, 16*(2+len(f.Path))+len(f.Info))
	out = append(out, f.Source.String()...)
	out = append(out, '>')
	out = append(out, f.Destination.String()...)
	used := -1
	for i, hop := range f.Path {
		if hop.Repeated {
			used = i
		}
	}
	for i, hop := range f.Path {
		out = append(append(out, ','), hop.String()...)
		if i == used {
			out = append(out, '*')
		}
	}
	return append(append(out, ':'), f.Info...)
}
