package carry

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"panah/core/seal"
	"panah/desk/internal/casedb"
)

// Keys is what a file is sealed with: to the epoch in force, with the mark of an own desk.
type Keys struct {
	Org   string
	Epoch int
	To    *age.HybridRecipient
	Desk  seal.DeskKey
}

// maxParts is how many a letter may have (core/seal).
const maxParts = 16

// A Writer writes one file.
type Writer struct {
	w    io.Writer
	keys Keys
	at   time.Time
	file string
	n    int
}

// NewWriter begins a file.
func NewWriter(w io.Writer, keys Keys, at time.Time) (*Writer, error) {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("beginning a file: %w", err)
	}
	if _, err := io.WriteString(w, magic); err != nil {
		return nil, fmt.Errorf("beginning a file: %w", err)
	}
	out := &Writer{w: w, keys: keys, at: at, file: name(id[:])}
	return out, out.Add(casedb.Carried{What: begins})
}

// Add seals one piece. The error wraps seal.ErrTooLarge when it does not fit a letter; nothing of it is written then.
func (w *Writer) Add(c casedb.Carried) error {
	parts, err := pack(frame{V: version, File: w.file, N: w.n, What: c.What}, c)
	if err != nil {
		return err
	}
	if len(parts) > maxParts {
		return fmt.Errorf("sealing a frame: %w", seal.ErrTooLarge)
	}
	l := seal.Letter{Kind: seal.KindNotice, Org: w.keys.Org, Epoch: w.keys.Epoch, Sealed: seal.SealedDesk, At: w.at, Parts: parts}
	l.DeskTag = w.keys.Desk.Tag(l)
	sealed, err := seal.Seal(l, w.keys.To)
	if err != nil {
		return fmt.Errorf("sealing a frame: %w", err)
	}
	if _, err := w.w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(sealed)))); err != nil { // #nosec G115 -- at most wire.MaxLetter
		return fmt.Errorf("writing a frame: %w", err)
	}
	if _, err := w.w.Write(sealed); err != nil {
		return fmt.Errorf("writing a frame: %w", err)
	}
	w.n++
	return nil
}

// Close writes the last frame: a file without it is not complete. It does not close what it writes to.
func (w *Writer) Close() error { return w.Add(casedb.Carried{What: ends}) }
