package carry

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// An Epoch is a key that files may be sealed to.
type Epoch struct {
	N      int
	Opener seal.Opener
	Desk   seal.DeskKey
}

// Read reads a file and gives each piece to take, in order. It reads no more into memory than one frame. Errors are ErrNoStick, ErrForeign, ErrDamaged, those of take, and what the disk
// said: a caller who wants all or nothing reads twice, first without taking.
func Read(r io.Reader, org string, epochs []Epoch, take func(casedb.Carried) error) error {
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != magic {
		return ErrNoStick
	}
	var first frame
	for n := 0; ; n++ {
		sealed, err := next(r)
		if err != nil {
			return err
		}
		l, err := open(sealed, org, epochs)
		if n == 0 && (errors.Is(err, seal.ErrNotForUs) || errors.Is(err, errOrg)) {
			return ErrForeign
		}
		if err != nil {
			return ErrDamaged
		}
		f, piece, err := unpack(l.Parts)
		if err != nil {
			return err
		}
		if n == 0 {
			first = f
		}
		if f.N != n || f.File != first.File || (f.What == begins) != (n == 0) {
			return ErrDamaged
		}
		switch f.What {
		case begins:
			continue
		case ends:
			return ended(r)
		}
		if err := take(piece); err != nil {
			return err
		}
	}
}

// next reads a frame's sealed bytes.
func next(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, broken(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n == 0 || n > wire.MaxLetter {
		return nil, ErrDamaged
	}
	var sealed bytes.Buffer // grows with what is there, not with what the file promises
	if _, err := io.CopyN(&sealed, r, int64(n)); err != nil {
		return nil, broken(err)
	}
	return sealed.Bytes(), nil
}

// broken tells a file that ends too early from a stick that cannot be read.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrDamaged
	}
	return fmt.Errorf("reading the file: %w", err)
}

// ended refuses bytes behind the last frame.
func ended(r io.Reader) error {
	var one [1]byte
	if n, err := r.Read(one[:]); n > 0 || err != nil && !errors.Is(err, io.EOF) {
		return ErrDamaged
	}
	return nil
}

// errOrg says that a frame is another organisation's.
var errOrg = errors.New("another organisation's")

// open opens a frame and checks that one of our desks wrote it.
func open(sealed []byte, org string, epochs []Epoch) (seal.Letter, error) {
	if err := seal.CheckShape(sealed); err != nil {
		return seal.Letter{}, err
	}
	for _, e := range epochs {
		l, err := e.Opener.Open(sealed)
		if errors.Is(err, seal.ErrNotForUs) {
			continue
		}
		if err != nil {
			return seal.Letter{}, err
		}
		if l.Org != org {
			return seal.Letter{}, errOrg
		}
		if l.Kind != seal.KindNotice || l.Epoch != e.N {
			return seal.Letter{}, ErrDamaged
		}
		return l, e.Desk.Check(l)
	}
	return seal.Letter{}, seal.ErrNotForUs
}

// strictly reads JSON without unknown keys or bytes behind it.
func strictly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return ErrDamaged
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrDamaged
	}
	return nil
}
