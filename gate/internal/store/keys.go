package store

import (
	"crypto/ed25519"
	"errors"

	"panah/core/wire"
)

// ErrNone says that what was asked for is not there: a grant, a recovery file.
var ErrNone = errors.New("nothing of that name is kept")

// MaxProposals is how many proposals of rosters are kept at once: the newest.
const MaxProposals = 4

// A Package is a roster that has been checked, with what goes into force together with it. It is kept whole or not at all.
type Package struct {
	Serial  int        // of the roster; one more than the newest that is kept
	Roster  []byte     // signed note
	Devices [][32]byte // of the roster: grants and cards of all others go, and so do all proposals
	Grants  []wire.Addressed
	Files   []wire.File // all recovery files from now on; nil: they stay as they are
}

// A Card is the newest card that a device published.
type Card struct {
	Device     ed25519.PublicKey
	Generation int
	Signed     []byte
}

// A Proposal is a roster that too few keepers have signed so far.
type Proposal struct {
	Text    [32]byte // SHA-256 of the roster's text: what names it whoever has signed
	Hour    int64    // when it first came: hours since 1970
	Package []byte   // wire.Package
}
