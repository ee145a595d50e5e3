package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"htgateway/devices"
	"htgateway/devices/protocol"
)

// decodeLine is the most that one line of input may hold, in bytes.
const decodeLine = 1 << 20

// decodeGCPercent is how far the heap may grow between collections, in percent of
// the few megabytes that the command keeps.
const decodeGCPercent = 200

func newDecodeCommand() *cobra.Command {
	var name, encoding string
	var opened opening
	cmd := &cobra.Command{
		Use:   "decode --protocol P [--encoding text|hex|raw] [--topic TOPIC] [FILE]",
		Short: "Decode frames and write one JSON object for each, refused ones included",
		Long: "Decode reads frames from FILE or standard input and writes one JSON object for each, in order.\n" +
			"text: one frame a line. hex: the same as hexadecimal bytes. raw: a line's bytes as they come, framing included.\n" +
			"Exit code 1 when a frame was refused.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			entry, known := protocol.Find(devices.Protocol(name))
			if !known {
				return fmt.Errorf("unknown protocol %q; known: %s", name, protocolNames())
			}
			decoder, err := opened.open(entry)
			if err != nil {
				return err
			}
			in := cmd.InOrStdin()
			if len(args) == 1 {
				f, err := os.Open(args[0])
				if err != nil {
					return fmt.Errorf("cannot read frames: %w", err)
				}
				defer f.Close()
				in = f
			}
			// One pass over a file keeps next to nothing: collecting less often saves time.
			defer debug.SetGCPercent(debug.SetGCPercent(decodeGCPercent))
			d := decoding{out: bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16), decoder: decoder, codebook: devices.DefaultCodebook()}
			if err := d.run(in, encoding); err != nil {
				return err
			}
			if d.refused > 0 {
				return fmt.Errorf("%w: %d of %d frames refused", errData, d.refused, d.frames)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "protocol", "", "one of "+protocolNames())
	cmd.Flags().StringVar(&encoding, "encoding", "text", "text, hex or raw")
	cmd.Flags().StringVar(&opened.topic, "topic", "", "MQTT topic of the frames, for owntracks, meshtastic and fieldjson")
	cmd.Flags().StringVar(&opened.keys, "keys", "", "file of channel:key or user/device:secret lines, for encrypted packets of meshtastic or owntracks")
	if err := cmd.MarkFlagRequired("protocol"); err != nil {
		panic(err) // the flag is defined two lines up
	}
	return cmd
}

// protocolNames are those of every protocol, sorted.
func protocolNames() string {
	names := protocol.Names(protocol.All())
	slices.Sort(names)
	return protocol.Join(names)
}

// decoding is one run of the command.
type decoding struct {
	out             *bufio.Writer
	decoder         protocol.LineDecoder
	codebook        devices.Codebook
	frames, refused int
	line            []byte
}

// wholeFrames is a decoder that takes bytes for one whole frame, which
// spares it looking for the borders.
type wholeFrames interface {
	Whole(frame []byte, at time.Time) []devices.Frame
}

func (d *decoding) run(in io.Reader, encoding string) error {
	var err error
	switch encoding {
	case "raw":
		err = d.raw(in)
	case "text", "hex":
		err = d.lines(in, encoding == "hex")
	default:
		return fmt.Errorf("unknown encoding %q; known: text, hex, raw", encoding)
	}
	if flushErr := d.out.Flush(); err == nil && flushErr != nil {
		err = fmt.Errorf("cannot write: %w", flushErr)
	}
	return err
}

// raw feeds the bytes as they come.
func (d *decoding) raw(in io.Reader) error {
	buf := make([]byte, 1<<16)
	for {
		n, err := in.Read(buf)
		if writeErr := d.write(d.decoder.Feed(buf[:n], time.Time{})); writeErr != nil {
			return writeErr
		}
		if err == io.EOF {
			return d.write(d.decoder.Flush(time.Time{}))
		}
		if err != nil {
			return fmt.Errorf("cannot read frames: %w", err)
		}
	}
}

// lines takes one frame from each line. A line that holds none is refused.
func (d *decoding) lines(in io.Reader, inHex bool) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 1<<16), decodeLine)
	for scanner.Scan() {
		frame := bytes.TrimRight(scanner.Bytes(), "\r")
		if len(frame) == 0 {
			continue
		}
		if inHex {
			n, err := hex.Decode(frame, frame)
			if err != nil {
				if err := d.write([]devices.Frame{{Err: fmt.Errorf("cannot read hexadecimal: %w", err)}}); err != nil {
					return err
				}
				continue
			}
			frame = frame[:n]
		}
		var frames []devices.Frame
		if w, ok := d.decoder.(wholeFrames); ok {
			frames = w.Whole(frame, time.Time{})
		} else {
			frames = d.decoder.Feed(frame, time.Time{})
			if rest := d.decoder.Flush(time.Time{}); len(frames) == 0 {
				frames = rest // spares copying what is mostly one frame
			} else {
				frames = append(frames, rest...)
			}
		}
		if len(frames) == 0 {
			frames = []devices.Frame{{Raw: frame, Err: fmt.Errorf("no frame in %d bytes", len(frame))}}
		}
		if err := d.write(frames); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("cannot read frames: %w", err)
	}
	return nil
}

func (d *decoding) write(frames []devices.Frame) error {
	for i := range frames {
		f := &frames[i]
		d.frames++
		if f.Err != nil {
			d.refused++
		} else {
			d.codebook.Interpret(&f.Report)
		}
		d.line = append(appendFrame(d.line[:0], f), '\n')
		if _, err := d.out.Write(d.line); err != nil {
			return fmt.Errorf("cannot write: %w", err)
		}
	}
	return nil
}
