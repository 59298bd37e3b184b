// Package carry writes what a desk knows into one file for a USB stick, and reads such a file: docs/formats-events.md, section 6. Outside the sealed frames nothing is readable but that it is such
// a file, and how many frames of which size it has.
//
// It stores nothing: desk/internal/casedb gives the pieces and takes them.
package carry

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"panah/core/ledger"
	"panah/core/seal"
	"panah/core/wire"
	"panah/desk/internal/casedb"
)

// magic begins a file.
const magic = "panah.stick/v1\n"

// What can be wrong with a file.
var (
	ErrNoStick = errors.New("this is not a file that panah desk export-sealed wrote")
	ErrForeign = errors.New("this desk has no key for the file: it is another organisation's, or was written in an epoch whose key has not come to this desk (connect once), or is destroyed")
	ErrDamaged = errors.New("the file is damaged or not complete; nothing of it was taken: write it again")
)

// Frames that are not pieces.
const (
	begins = "begin"
	ends   = "end"
)

// frame is the first part of every letter of a file. The others are what it is about: the body of a notice, or the parts of a letter.
type frame struct {
	V      int     `json:"panah_stick"`
	File   string  `json:"file"` // 16 random bytes: frames of two files do not mix
	N      int     `json:"n"`    // from 0
	What   string  `json:"what"`
	Letter *letter `json:"letter,omitempty"`
}

// letter is a letter's header, and what the log says of it. Times are seconds.
type letter struct {
	Epoch      int    `json:"epoch"`
	Sealed     string `json:"sealed"`
	Box        string `json:"box,omitempty"`
	Mailbox    string `json:"mailbox"`
	First      bool   `json:"first,omitempty"`
	Key        []byte `json:"key"`
	Num        uint32 `json:"num"`
	At         int64  `json:"at"`
	Hour       int64  `json:"hour"`
	ID         []byte `json:"id"`
	Commitment []byte `json:"commitment"`
}

const (
	version   = 1
	maxFrames = 10_000_000
)

// pack is a piece as the parts of a letter.
func pack(f frame, c casedb.Carried) ([]seal.Part, error) {
	var rest []seal.Part
	switch f.What {
	case casedb.CarriedEvents, casedb.CarriedErase:
		rest = []seal.Part{{Type: seal.TypeOctets, Data: c.Notice}}
	case casedb.CarriedLetter, casedb.CarriedReply:
		l := c.Letter
		f.Letter = &letter{
			Epoch: l.Epoch, Sealed: l.Sealed, Box: l.Box, Mailbox: l.Mailbox.Reveal(), First: c.First, Key: c.Key[:], Num: l.N, At: unix(l.At), Hour: unix(c.Hour),
			ID: c.ID[:], Commitment: c.Commitment[:],
		}
		rest = l.Parts
	}
	head, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("writing a frame: %w", err)
	}
	return append([]seal.Part{{Type: seal.TypeOctets, Data: head}}, rest...), nil
}

// unpack reads the parts of a letter. The error is ErrDamaged.
func unpack(parts []seal.Part) (f frame, c casedb.Carried, err error) {
	if len(parts) == 0 || parts[0].Type != seal.TypeOctets || strictly(parts[0].Data, &f) != nil || f.V != version || f.N < 0 || f.N > maxFrames {
		return f, c, ErrDamaged
	}
	c.What = f.What
	switch f.What {
	case begins, ends:
		if len(parts) != 1 || f.Letter != nil {
			return f, c, ErrDamaged
		}
		return f, c, nil
	case casedb.CarriedEvents, casedb.CarriedErase:
		if len(parts) != 2 || f.Letter != nil {
			return f, c, ErrDamaged
		}
		c.Notice = parts[1].Data
		return f, c, nil
	case casedb.CarriedLetter, casedb.CarriedReply:
		if f.Letter == nil {
			return f, c, ErrDamaged
		}
		return f, c, f.Letter.read(&c, parts[1:])
	}
	return f, c, ErrDamaged
}

func (l *letter) read(c *casedb.Carried, parts []seal.Part) error {
	mailbox, err := wire.ParseMailboxID(l.Mailbox)
	if err != nil || len(l.Key) != len(seal.ThreadKey{}) || len(l.ID) != len(wire.LetterID{}) || len(l.Commitment) != len(ledger.Commitment{}) || l.Epoch < 0 || l.Hour < 0 || l.At < 0 || l.Hour > farAway || l.At > farAway {
		return ErrDamaged
	}
	kind := seal.KindLetter
	if c.What == casedb.CarriedReply {
		kind = seal.KindReplyCopy
		if l.First {
			return ErrDamaged
		}
	}
	c.Letter = seal.Letter{Kind: kind, Epoch: l.Epoch, Sealed: l.Sealed, Box: l.Box, Mailbox: mailbox, N: l.Num, At: when(l.At), Parts: parts}
	c.First, c.Key, c.ID, c.Commitment, c.Hour = l.First, seal.ThreadKey(l.Key), wire.LetterID(l.ID), ledger.Commitment(l.Commitment), when(l.Hour)
	return nil
}

// farAway is the year 9999.
const farAway = 253_370_764_800

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(0, t.Unix())
}

func when(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func name(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
