package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// readBounded reads a file, or standard input for "-", of at most limit bytes.
func readBounded(s Streams, name string, limit int64) ([]byte, error) {
	in := s.In
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, bare(err))
		}
		defer f.Close()
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, bare(err))
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("reading %s: larger than %d bytes", name, limit)
	}
	return b, nil
}

// writeNew writes a file that must not exist yet, readable by its owner only, and puts it safely on disk. A file that
// could not be written whole is taken away.
func writeNew(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and is not overwritten; choose another name", name)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, bare(err))
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, errors.Join(bare(err), os.Remove(name)))
	}
	return nil
}

// deliver writes what was made to a new file and says so, or to standard output when it is called -.
func (s Streams) deliver(name string, b []byte) error {
	if name == "-" {
		_, err := s.Out.Write(b)
		return err
	}
	if err := writeNew(name, b); err != nil {
		return err
	}
	s.say("Wrote %s, %d bytes.", name, len(b))
	return nil
}

// bare drops the path that a path error repeats.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// writeJSON writes v as one line of data.
func writeJSON(s Streams, v any) error {
	e := json.NewEncoder(s.Out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}
