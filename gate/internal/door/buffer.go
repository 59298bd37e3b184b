package door

import (
	"errors"
	"io"
)

// fileStep is how much memory a file takes at first; it doubles from there.
const fileStep = 64 << 10

// readField reads at most limit bytes; cut tells that there was more. Up to maxShort bytes are the sender's to hold, as a connection
// is; more comes out of the memory that all long stories share.
func (in *reading) readField(p io.Reader, limit int) (b []byte, cut bool, err error) {
	b = make([]byte, 0, min(512, limit+1))
	for {
		if len(b) == cap(b) {
			size := min(2*cap(b), limit+1)
			if size > maxShort+1 {
				if err := in.draft.text.take(in.ctx, int64(size-cap(b))); err != nil {
					clear(b)
					return nil, false, err
				}
			}
			b = grow(b, size)
		}
		n, err := p.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if len(b) > limit {
			clear(b[limit:])
			return b[:limit], true, nil
		}
		if errors.Is(err, io.EOF) {
			return b, false, nil
		}
		if err != nil {
			clear(b)
			return nil, false, err
		}
	}
}

// readFile reads a file of at most the bytes that the letter still takes, out of the shared memory. One that is
// larger is noted as ErrTooLarge and comes back empty: it no longer fits, and neither would those after it.
func (in *reading) readFile(p io.Reader) ([]byte, error) {
	if in.full {
		return nil, nil
	}
	var b []byte
	for {
		if len(b) > in.left {
			return nil, in.tooLarge(b)
		}
		if len(b) == cap(b) {
			// One byte more than fits, to see whether there is one.
			size := min(max(fileStep, 2*cap(b)), in.left+1)
			if err := in.draft.share.take(in.ctx, int64(size-cap(b))); err != nil {
				clear(b)
				return nil, err
			}
			b = grow(b, size)
		}
		n, err := p.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if errors.Is(err, io.EOF) {
			if len(b) > in.left {
				return nil, in.tooLarge(b)
			}
			in.left -= len(b)
			return b, nil
		}
		if err != nil {
			clear(b)
			return nil, err
		}
	}
}

// tooLarge drops b and all files before it, and takes no further ones: a letter with some of its photos missing would
// mislead. The answers are still read.
func (in *reading) tooLarge(b []byte) error {
	clear(b)
	in.full = true
	in.note(ErrTooLarge)
	in.draft.dropFiles()
	return nil
}

// grow moves b into a buffer of that size and clears the old one.
func grow(b []byte, size int) []byte {
	bigger := make([]byte, len(b), size)
	copy(bigger, b)
	clear(b)
	return bigger
}

// A gauge bounds what is read of a body in all, and between two parts: the multipart reader itself would take 10 MB of headers into memory.
type gauge struct {
	r      io.ReadCloser
	left   int64
	header int64 // bytes left of the header being read, -1 while none is
	inside bool
}

// limitHeader begins the measure of a part's header; -1 ends it.
func (g *gauge) limitHeader(n int64) { g.inside, g.header = n >= 0, n }

func (g *gauge) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, ErrTooLarge
	}
	p = p[:min(int64(len(p)), g.left)]
	if g.inside {
		if g.header <= 0 {
			return 0, ErrForm
		}
		p = p[:min(int64(len(p)), g.header)]
	}
	n, err := g.r.Read(p)
	g.left -= int64(n)
	g.header -= int64(n)
	return n, err
}

func (g *gauge) Close() error { return g.r.Close() }
