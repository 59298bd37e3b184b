package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Types of frames of an organisation's keys: docs/formats-keys.md, section 4.
const (
	FrameRoster   byte = 'R' // signed roster
	FrameGrant    byte = 'G' // grant
	FrameFile     byte = 'F' // recovery file
	FrameCard     byte = 'D' // device card
	FrameProposal byte = 'P' // a package whose roster has too few signatures yet
	FrameIntake   byte = 'I' // one byte: whether intake is open
	FrameWrap     byte = 'W' // wrap
	FrameMore     byte = 'M' // there is more to ask for
)

// Bounds of what travels, bytes, and of how many.
const (
	MaxPackage  = 8 << 20
	MaxRoster   = 64 << 10
	MaxGrant    = 512 << 10
	MaxCard     = 4 << 10
	MaxFile     = 64 << 10
	MaxFiles    = 20 // authority and epoch, for each of at most ten subsets
	MaxRosters  = 200
	MaxWraps    = 500
	maxFileName = 40
)

// A File is a recovery file: docs/formats-keys.md, section 5.
type File struct {
	Name string // "epoch-ab.age"
	Data []byte
}

// An Addressed is something sealed to one device.
type Addressed struct {
	Device [32]byte // hash of its public key, as in the roster
	Sealed []byte
}

// A Package is a roster with what goes into force together with it.
type Package struct {
	Roster []byte
	Grants []Addressed
	Files  []File // nil: the recovery files stay as they are
}

// Bytes writes p as frames.
func (p Package) Bytes() []byte {
	b := AppendFrame(nil, FrameRoster, p.Roster)
	for _, g := range p.Grants {
		b = AppendFrame(b, FrameGrant, append(g.Device[:], g.Sealed...))
	}
	return AppendFrame(appendFiles(b, p.Files), FrameEnd, nil)
}

// ParsePackage reads frames that Bytes wrote. Parts alias b. The error wraps ErrFrame.
func ParsePackage(b []byte) (Package, error) {
	var p Package
	if len(b) > MaxPackage {
		return p, fmt.Errorf("%w: more than 8 MiB", ErrFrame)
	}
	err := eachFrame(b, func(kind byte, payload []byte) error {
		if (kind == FrameRoster) != (p.Roster == nil) {
			return fmt.Errorf("%w: a package begins with its one roster", ErrFrame)
		}
		switch kind {
		case FrameRoster:
			if len(payload) == 0 || len(payload) > MaxRoster {
				return fmt.Errorf("%w: roster of %d bytes", ErrFrame, len(payload))
			}
			p.Roster = payload
		case FrameGrant:
			if len(payload) < 32 || len(payload) > 32+MaxGrant {
				return fmt.Errorf("%w: grant of %d bytes", ErrFrame, len(payload))
			}
			p.Grants = append(p.Grants, Addressed{[32]byte(payload), payload[32:]})
		case FrameFile:
			return addFile(&p.Files, payload)
		default:
			return errUnknown
		}
		return nil
	})
	if err == nil && p.Roster == nil {
		err = fmt.Errorf("%w: no roster", ErrFrame)
	}
	return p, err
}

var errUnknown = fmt.Errorf("%w: of a type not known here", ErrFrame)

// AppendFiles writes recovery files as a whole stream.
func AppendFiles(b []byte, files []File) []byte {
	return AppendFrame(appendFiles(b, files), FrameEnd, nil)
}

func appendFiles(b []byte, files []File) []byte {
	for _, f := range files {
		payload := append([]byte{byte(len(f.Name))}, f.Name...)
		b = AppendFrame(b, FrameFile, append(payload, f.Data...))
	}
	return b
}

// ParseFiles reads what AppendFiles wrote. The error wraps ErrFrame.
func ParseFiles(b []byte) ([]File, error) {
	var files []File
	err := eachFrame(b, func(kind byte, payload []byte) error {
		if kind != FrameFile {
			return errUnknown
		}
		return addFile(&files, payload)
	})
	return files, err
}

func addFile(files *[]File, payload []byte) error {
	if len(payload) == 0 || len(payload) < 1+int(payload[0]) || len(payload) > 1+maxFileName+MaxFile || len(*files) >= MaxFiles {
		return fmt.Errorf("%w: recovery file", ErrFrame)
	}
	name, data := string(payload[1:1+payload[0]]), payload[1+payload[0]:]
	if !GoodFileName(name) || len(data) == 0 {
		return fmt.Errorf("%w: name of a recovery file", ErrFrame)
	}
	for _, f := range *files {
		if f.Name == name {
			return fmt.Errorf("%w: two recovery files of one name", ErrFrame)
		}
	}
	*files = append(*files, File{name, data})
	return nil
}

// GoodFileName reports whether s may name a recovery file: "authority-" or "epoch-", two or three of the letters a to e in their order, ".age".
func GoodFileName(s string) bool {
	s, ok := strings.CutSuffix(s, ".age")
	letters, authority := strings.CutPrefix(s, "authority-")
	if !authority {
		var epoch bool
		letters, epoch = strings.CutPrefix(s, "epoch-")
		ok = ok && epoch
	}
	if !ok || len(letters) < 2 || len(letters) > 5 {
		return false
	}
	for i := range len(letters) {
		if letters[i] < 'a' || letters[i] > 'e' || i > 0 && letters[i] <= letters[i-1] {
			return false
		}
	}
	return true
}

// AppendRosters writes signed rosters as a whole stream.
func AppendRosters(b []byte, rosters [][]byte) []byte {
	for _, r := range rosters {
		b = AppendFrame(b, FrameRoster, r)
	}
	return AppendFrame(b, FrameEnd, nil)
}

// ParseRosters reads at most MaxRosters rosters. The error wraps ErrFrame.
func ParseRosters(b []byte) ([][]byte, error) {
	var rosters [][]byte
	err := eachFrame(b, func(kind byte, payload []byte) error {
		if kind != FrameRoster {
			return errUnknown
		}
		return addRoster(&rosters, payload)
	})
	return rosters, err
}

func addRoster(rosters *[][]byte, payload []byte) error {
	if len(payload) > MaxRoster || len(*rosters) >= MaxRosters {
		return fmt.Errorf("%w: too many rosters, or too long ones", ErrFrame)
	}
	*rosters = append(*rosters, payload)
	return nil
}

// A Carded is a device with its card.
type Carded struct {
	Device ed25519.PublicKey
	Card   []byte // signed note
}

// KeyNews is what a gate tells a desk about keys.
type KeyNews struct {
	Rosters   [][]byte // from the serial asked for, oldest first
	Grant     []byte   // to the device that asks; nil: none
	Cards     []Carded
	Proposals [][]byte // packages
	Intake    bool     // open
}

// Bytes writes n as frames.
func (n KeyNews) Bytes() []byte {
	var b []byte
	for _, r := range n.Rosters {
		b = AppendFrame(b, FrameRoster, r)
	}
	if n.Grant != nil {
		b = AppendFrame(b, FrameGrant, n.Grant)
	}
	for _, c := range n.Cards {
		b = AppendFrame(b, FrameCard, append(bytes.Clone(c.Device), c.Card...))
	}
	for _, p := range n.Proposals {
		b = AppendFrame(b, FrameProposal, p)
	}
	intake := []byte{0}
	if n.Intake {
		intake[0] = 1
	}
	return AppendFrame(AppendFrame(b, FrameIntake, intake), FrameEnd, nil)
}

// ParseKeyNews reads what Bytes wrote. Parts alias b. The error wraps ErrFrame.
func ParseKeyNews(b []byte) (KeyNews, error) {
	var n KeyNews
	err := eachFrame(b, func(kind byte, payload []byte) error {
		switch kind {
		case FrameRoster:
			return addRoster(&n.Rosters, payload)
		case FrameGrant:
			if n.Grant != nil || len(payload) > MaxGrant {
				return fmt.Errorf("%w: grant", ErrFrame)
			}
			n.Grant = payload
		case FrameCard:
			if len(payload) < ed25519.PublicKeySize || len(payload) > ed25519.PublicKeySize+MaxCard {
				return fmt.Errorf("%w: card", ErrFrame)
			}
			n.Cards = append(n.Cards, Carded{ed25519.PublicKey(payload[:ed25519.PublicKeySize]), payload[ed25519.PublicKeySize:]})
		case FrameProposal:
			n.Proposals = append(n.Proposals, payload)
		case FrameIntake:
			if len(payload) != 1 || payload[0] > 1 {
				return fmt.Errorf("%w: intake", ErrFrame)
			}
			n.Intake = payload[0] == 1
		default:
			return errUnknown
		}
		return nil
	})
	return n, err
}

// A Wrap makes an open case outlive its epoch: docs/formats-keys.md, section 7.
type Wrap struct {
	Name   [16]byte
	Sealed []byte // empty: delete
}

// AppendWraps writes wraps as a whole stream; more says that the gate has further ones.
func AppendWraps(b []byte, wraps []Wrap, more bool) []byte {
	for _, w := range wraps {
		b = AppendFrame(b, FrameWrap, append(w.Name[:], w.Sealed...))
	}
	if more {
		b = AppendFrame(b, FrameMore, nil)
	}
	return AppendFrame(b, FrameEnd, nil)
}

// ParseWraps reads what AppendWraps wrote. Parts alias b. The error wraps ErrFrame.
func ParseWraps(b []byte) (wraps []Wrap, more bool, err error) {
	err = eachFrame(b, func(kind byte, payload []byte) error {
		switch {
		case kind == FrameMore && len(payload) == 0:
			more = true
		case kind != FrameWrap:
			return errUnknown
		case more || len(payload) < 16 || len(payload) > 16+MaxLetter:
			return fmt.Errorf("%w: wrap", ErrFrame)
		default:
			wraps = append(wraps, Wrap{[16]byte(payload), payload[16:]})
		}
		return nil
	})
	return wraps, more, err
}

// AppendFrame appends one frame to b.
func AppendFrame(b []byte, kind byte, payload []byte) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	return append(b, payload...)
}

// eachFrame hands the frames of a whole stream to f. Payloads alias b: nothing is allocated for what a length only claims. It fails unless the stream ends with FrameEnd and nothing after it.
func eachFrame(b []byte, f func(kind byte, payload []byte) error) error {
	for len(b) >= 5 {
		kind, n := b[0], binary.BigEndian.Uint32(b[1:])
		b = b[5:]
		if uint64(n) > uint64(len(b)) {
			return fmt.Errorf("%w: cut", ErrFrame)
		}
		payload := b[:n:n]
		b = b[n:]
		if kind == FrameEnd {
			if n != 0 || len(b) != 0 {
				return fmt.Errorf("%w: bytes after the end", ErrFrame)
			}
			return nil
		}
		if err := f(kind, payload); err != nil {
			return err
		}
	}
	return errors.Join(fmt.Errorf("%w: the stream was cut", ErrFrame), io.ErrUnexpectedEOF)
}
