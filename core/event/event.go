// Package event is what happens in a case, as desks tell it to each other: signed notes of a closed set of kinds (docs/formats-events.md).
//
// It reads and writes single events and decides nothing: core/fold makes a case of them. An event of a kind that this version does not know is kept whole.
package event

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"time"
)

// Bounds of one event.
const (
	MaxText    = 64 << 10 // bytes of the signed note
	MaxParents = 32
	maxWords   = 20_000 // characters of a note
	maxLine    = 300    // characters of a short field
)

// ErrMalformed says that bytes are no event, or one whose signature is not good. It quotes nothing: events are about people.
var ErrMalformed = errors.New("this is no event that a desk signed")

// A Case names a case on every desk: the id of the first mailbox of its conversation, or 16 random bytes when it began without a letter. It prints as "[case]".
type Case [16]byte

// Office is the stream of events that are about no case: staff, duty, counts.
var Office Case

// Reveal is the id in hex.
func (c Case) Reveal() string { return hex.EncodeToString(c[:]) }

// String hides the id: it is that of a mailbox.
func (Case) String() string { return "[case]" }

// GoString hides the id.
func (Case) GoString() string { return "[case]" }

// A Hash names an event: SHA-256 of the text that is signed.
type Hash [32]byte

// Staff names a person who works at a desk: 8 random bytes in hex. Names are in events of kind "staff", and nowhere else.
type Staff string

// An Event is one thing that happened.
type Event struct {
	Org     string
	Epoch   int // in force when it was written
	Case    Case
	Author  Staff // "" for what a desk did by itself
	At      time.Time
	Parents []Hash // newest events of the case that the author's desk had: sorted, none twice
	Tree    string // size and root of the newest checkpoint the desk had verified, as core/roster's seen line; may be empty
	Body    Body
}

// A Signed event is one whose signature was checked, or made here.
type Signed struct {
	Event
	Hash   Hash
	Device ed25519.PublicKey // of the desk that vouches for the author
	Note   []byte            // the signed note, as it travels
}

// String hides the event.
func (Event) String() string { return "[event]" }

// GoString hides the event.
func (Event) GoString() string { return "[event]" }

// String hides the event.
func (Signed) String() string { return "[event]" }

// GoString hides the event.
func (Signed) GoString() string { return "[event]" }

// A Body is what an event says: one of the types of this package.
type Body interface {
	Kind() string
	check() error // malformed bodies are neither written nor believed
}

// Unknown is a body of a newer version: kept and shown, never dropped.
type Unknown struct {
	Name string
	Raw  []byte // one line of JSON
}
